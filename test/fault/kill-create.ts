// `create` as a victim of kill -9. Under the names that it was told to write stands nothing, the whole new metainfo, or
// whatever whole one was there before; a second run writes both files and leaves nothing else beside them.

import assert from "node:assert/strict";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { performance } from "node:perf_hooks";
import type { Random } from "../../src/core/index.ts";
import { scratchFolder, writeFolder } from "../processes/payloads.ts";
import { create, Upswarm } from "../processes/upswarm.ts";
import { LifeSpan } from "./kill-rounds.ts";
import type { KillOutcome, Victim } from "./kill-rounds.ts";

const NAMES = ["release.torrent", "release.v1.torrent"] as const;

export async function openCreateVictim(): Promise<Victim> {
  const root = scratchFolder();
  const payload = writeFolder(join(root, "release"), { largeBytes: 24_000_000 });
  const older = await made(join(root, "older"), payload, "128KiB");
  await made(join(root, "warm"), payload, "64KiB");
  const startMs = performance.now();
  const wanted = await made(join(root, "newer"), payload, "64KiB");
  const life = new LifeSpan(performance.now() - startMs);
  return {
    round: (random) => round({ root, payload, older, wanted, life }, random),
    finish: () => Promise.resolve(`a run takes ${(life.ms / 1000).toFixed(2)} s`),
    [Symbol.asyncDispose]: () => {
      rmSync(root, { recursive: true, force: true });
      return Promise.resolve();
    },
  };
}

interface Case {
  readonly root: string;
  readonly payload: string;
  /** Of each name. */
  readonly older: readonly Buffer[];
  readonly wanted: readonly Buffer[];
  readonly life: LifeSpan;
}

async function round({ root, payload, older, wanted, life }: Case, random: Random): Promise<KillOutcome> {
  const folder = mkdtempSync(join(root, "round-"));
  const replaces = random.int(2) === 1;
  const paths = NAMES.map((name) => join(folder, name));
  if (replaces) for (const [index, path] of paths.entries()) writeFileSync(path, older[index] ?? "");
  await using child = new Upswarm(["create", payload, ...argvOf(folder, "64KiB")]);
  // Half of them near the end, where it writes.
  const killed = await life.kill(child, life.moment(random, random.int(2) === 0 ? 0 : 0.7));
  const isDone = paths.map((path, index) => {
    const bytes = existsSync(path) ? readFileSync(path) : null;
    if (bytes === null) assert.ok(!replaces, `${path} was there and is gone`);
    const isNew = bytes !== null && bytes.equals(wanted[index] ?? Buffer.alloc(0));
    const isOld = bytes === null || (replaces && bytes.equals(older[index] ?? Buffer.alloc(0)));
    assert.ok(isNew || isOld, `${path} is neither what was there nor what is to be there`);
    return isNew;
  });
  const leftovers = readdirSync(folder).filter((name) => !(NAMES as readonly string[]).includes(name)).length;
  await life.measure(create(payload, join(folder, NAMES[0]), ...argvOf(folder, "64KiB").slice(2)));
  for (const [index, path] of paths.entries()) assert.ok(readFileSync(path).equals(wanted[index] ?? Buffer.alloc(0)));
  assert.deepEqual(readdirSync(folder), NAMES, "nothing else is left");
  rmSync(folder, { recursive: true });
  const left = isDone.every(Boolean) ? "finished" : leftovers > 0 || isDone.some(Boolean) ? "unfinished" : "nothing";
  return { killed, left, leftovers };
}

function argvOf(folder: string, pieceLength: string): string[] {
  return ["-o", join(folder, NAMES[0]), "--twin", join(folder, NAMES[1]), "--piece-length", pieceLength];
}

async function made(prefix: string, payload: string, pieceLength: string): Promise<readonly Buffer[]> {
  const folder = mkdtempSync(prefix);
  await create(payload, join(folder, NAMES[0]), ...argvOf(folder, pieceLength).slice(2));
  return NAMES.map((name) => readFileSync(join(folder, name)));
}
