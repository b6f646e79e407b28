// For tests: the command line in this process, with streams that remember.

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after } from "node:test";
import { systemClock } from "../core/index.ts";
import type { ExitCode } from "./exit-codes.ts";
import { createProgram } from "./program.ts";
import { runCommandLine } from "./run.ts";

export interface Ended {
  readonly code: ExitCode;
  readonly out: string;
  readonly err: string;
}

export interface FakeProcess {
  readonly env?: Readonly<Record<string, string>>;
  readonly isTerminal?: boolean;
  readonly signal?: AbortSignal;
  /** What a person types at each question; nobody is there without. */
  readonly typed?: string[];
}

export async function upswarm(argv: readonly string[], fake: FakeProcess = {}): Promise<Ended> {
  let out = "";
  let err = "";
  const code = await runCommandLine(argv, createProgram("1.2.3"), {
    env: fake.env ?? {},
    clock: systemClock,
    stdout: { write: (text) => void (out += text) },
    stderr: { write: (text) => void (err += text), isTerminal: fake.isTerminal ?? false, columns: () => 100 },
    signal: fake.signal ?? new AbortController().signal,
    onReload: () => {},
    askSecret: () => Promise.resolve(fake.typed?.shift() ?? null),
  });
  return { code, out, err };
}

/** A folder for the tests of one file. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "upswarm-cli-"));
  after(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}
