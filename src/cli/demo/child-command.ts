// A real `upswarm` command as a process of its own: its JSON objects on stdout and its progress on stderr as they come.
// Invariant: nothing that was started outlives the demonstration: `end` is awaited for every child.

import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { DEMO_CHILD_END_MS } from "../../core/index.ts";
import { CliError } from "../cli-error.ts";
import type { ProgressSample } from "../output/progress.ts";

/** The command line's entry. Built, this file is a part of dist/cli/main.js. */
const entry = fileURLToPath(
  new URL(import.meta.url.endsWith(".ts") ? "../main.ts" : "../../bin/upswarm.js", import.meta.url),
);

export class ChildCommand {
  readonly name: string;
  readonly #process: ChildProcess;
  readonly #objects: object[] = [];
  readonly #waiting: { resolve: (object: object) => void; reject: (error: unknown) => void }[] = [];
  /** Its exit code, once it has ended by itself or was ended. */
  readonly exited: Promise<number>;
  #errors = "";
  /** The last progress that it reported. */
  progress: ProgressSample | null = null;

  constructor(name: string, args: readonly string[]) {
    this.name = name;
    this.#process = spawn(process.execPath, [entry, ...args, "--json", "--progress", "json"], {
      stdio: ["ignore", "pipe", "pipe"],
      env: { ...process.env, NODE_NO_WARNINGS: "1" },
    });
    const { stdout, stderr } = this.#process;
    if (stdout !== null) createInterface(stdout).on("line", (line) => this.#object(line));
    if (stderr !== null) createInterface(stderr).on("line", (line) => this.#noise(line));
    this.exited = new Promise((resolve) => {
      this.#process.once("error", (error) => {
        this.#errors += error.message;
        resolve(1);
      });
      // Not "exit": what it printed last is still in the pipes then.
      this.#process.once("close", (code) => resolve(code ?? 1));
    });
    void this.exited.then((code) => this.#ended(code));
  }

  /** The next JSON object that it prints. @throws CliError where it ends without one */
  next<T extends object>(): Promise<T> {
    const object = this.#objects.shift();
    if (object !== undefined) return Promise.resolve(object as T);
    return new Promise((resolve, reject) => {
      this.#waiting.push({ resolve: resolve as (object: object) => void, reject });
    });
  }

  /** Asks it to end (SIGTERM), and makes it end where it does not. Its exit code. */
  async end(): Promise<number> {
    if (this.#process.exitCode === null && this.#process.signalCode === null) this.#process.kill("SIGTERM");
    const timer = setTimeout(() => this.#process.kill("SIGKILL"), DEMO_CHILD_END_MS);
    const code = await this.exited;
    clearTimeout(timer);
    return code;
  }

  #object(line: string): void {
    const object = JSON.parse(line) as object;
    const waiting = this.#waiting.shift();
    if (waiting === undefined) this.#objects.push(object);
    else waiting.resolve(object);
  }

  #noise(line: string): void {
    if (line.startsWith('{"type":"progress"')) this.progress = JSON.parse(line) as ProgressSample;
    else this.#errors = `${this.#errors}${line}\n`.slice(-2_000);
  }

  #ended(code: number): void {
    const message = `${this.name} ended with exit code ${code}: ${this.#errors.trim() || "it said nothing"}`;
    for (const { reject } of this.#waiting.splice(0)) reject(new CliError("cli.demo", message));
  }
}
