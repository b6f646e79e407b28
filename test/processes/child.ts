// A process of its own that says what it does by lines on stdout. Invariant: none outlives its owner: disposing kills it,
// and so does the end of this process.

import { spawn } from "node:child_process";
import type { ChildProcess, SpawnOptions } from "node:child_process";
import { createInterface } from "node:readline";

/** Generous: it is there so that a test that hangs says where, not to measure anything. */
const DEADLINE_MS = 60_000;

const alive = new Set<ChildProcess>();
process.on("exit", () => {
  for (const child of alive) child.kill("SIGKILL");
});

interface Waiter {
  look(): void;
  fail(error: Error): void;
}

export class Child implements AsyncDisposable {
  readonly name: string;
  readonly process: ChildProcess;
  /** Its exit code, or null where a signal ended it. */
  readonly ended: Promise<number | null>;
  readonly lines: string[] = [];
  err = "";
  readonly #waiters = new Set<Waiter>();
  #hasEnded = false;

  constructor(name: string, command: string, argv: readonly string[], options: SpawnOptions = {}) {
    this.name = name;
    const child = spawn(command, argv, { stdio: ["pipe", "pipe", "pipe"], ...options });
    this.process = child;
    alive.add(child);
    if (child.stdout !== null) createInterface(child.stdout).on("line", (line) => this.#said(line));
    child.stderr?.on("data", (data: Buffer) => {
      this.err += data.toString();
      this.look();
    });
    child.stdin?.on("error", () => {});
    const { promise, resolve } = Promise.withResolvers<number | null>();
    this.ended = promise;
    child.once("error", (error) => {
      this.err += error.message;
      this.#end(null, resolve);
    });
    // Not "exit": what it said last is still in the pipes then.
    child.once("close", (code) => this.#end(code, resolve));
  }

  /** The first value that `find` finds in what it has said. Rejects where it ends, or says nothing of the kind for long. */
  async until<T>(what: string, find: (child: Child) => T | undefined, deadlineMs: number = DEADLINE_MS): Promise<T> {
    const { promise, resolve, reject } = Promise.withResolvers<T>();
    const waiter: Waiter = {
      look: () => {
        const found = find(this);
        if (found !== undefined) resolve(found);
      },
      fail: reject,
    };
    const timer = setTimeout(() => reject(this.#failure(`did not come to "${what}" in time`)), deadlineMs);
    this.#waiters.add(waiter);
    waiter.look();
    if (this.#hasEnded) reject(this.#failure(`ended without "${what}"`));
    try {
      return await promise;
    } finally {
      clearTimeout(timer);
      this.#waiters.delete(waiter);
    }
  }

  /** Its exit code, when it has ended by itself. Rejects where that takes too long. */
  async end(): Promise<number | null> {
    await this.until("its end", () => (this.#hasEnded ? true : undefined));
    return await this.ended;
  }

  /** Whoever waits looks again: it has said something, or something else has changed. */
  protected look(): void {
    for (const waiter of this.#waiters) waiter.look();
  }

  kill(signal: NodeJS.Signals = "SIGKILL"): void {
    if (!this.#hasEnded) this.process.kill(signal);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.kill();
    await this.ended;
  }

  #said(line: string): void {
    this.lines.push(line);
    this.look();
  }

  #end(code: number | null, resolve: (code: number | null) => void): void {
    if (this.#hasEnded) return;
    this.#hasEnded = true;
    alive.delete(this.process);
    this.look();
    for (const waiter of this.#waiters) waiter.fail(this.#failure(`ended (${code ?? "by a signal"}) too early`));
    resolve(code);
  }

  #failure(what: string): Error {
    return new Error(`${this.name} ${what}. It said:\n${this.lines.slice(-20).join("\n")}\n${this.err.slice(-4000)}`);
  }
}
