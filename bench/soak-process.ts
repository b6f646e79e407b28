// The soak's hand on one of its processes (soak-peer.ts): orders, and what the process and the kernel say that it holds.

import { fork } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Endpoint } from "../src/core/index.ts";
import type { SoakSample } from "./soak-judgement.ts";
import type { SoakFigures, SoakOrder, SoakRole, SoakWord } from "./soak-peer.ts";

const ANSWER_MS = 60_000;
/** Sockets of the last connections are closed by then. */
const SETTLE_MS = 3_000;

const startedAt = performance.now();

export class SoakProcess implements AsyncDisposable {
  readonly name: string;
  readonly samples: SoakSample[] = [];
  figures: SoakFigures = {
    heapMB: 0,
    externalMB: 0,
    buffersMB: 0,
    resources: 0,
    added: 0,
    completed: 0,
    receivedBytes: 0,
    sentBytes: 0,
  };
  listen: Endpoint = { address: "", port: 0 };
  tracker = "";
  readonly #child: ChildProcess;
  #failure: Error | null = null;

  private constructor(name: string, child: ChildProcess) {
    this.name = name;
    this.#child = child;
    child.on("message", (word: SoakWord) => {
      if (word.kind === "failed") this.#failure ??= new Error(`${name}: ${word.reason}`);
    });
    child.once("exit", (code) => (this.#failure ??= new Error(`${name} ended with ${code}.`)));
  }

  static async start(name: string, role: SoakRole): Promise<SoakProcess> {
    const child = fork(join(import.meta.dirname, "soak-peer.ts"), [JSON.stringify(role)], { stdio: "inherit" });
    const started = new SoakProcess(name, child);
    const word = await started.#next("ready");
    started.listen = word.listen;
    started.tracker = word.tracker;
    return started;
  }

  work(): void {
    this.#order("work");
  }

  async rest(): Promise<void> {
    const resting = this.#next("resting");
    this.#order("rest");
    await resting;
  }

  async restingSample(): Promise<SoakSample> {
    await new Promise((resolve) => setTimeout(resolve, SETTLE_MS));
    return await this.sample();
  }

  async sample(): Promise<SoakSample> {
    const said = this.#next("sample");
    this.#order("sample");
    const word = await said;
    this.figures = word;
    const at = `/proc/${this.#child.pid}`;
    const kilobytes = Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`${at}/status`, "utf8"))?.[1] ?? 0);
    const { heapMB, externalMB, buffersMB, resources } = word;
    return {
      seconds: (performance.now() - startedAt) / 1_000,
      residentMB: (kilobytes * 1_024) / 1e6,
      heapMB,
      externalMB,
      buffersMB,
      descriptors: readdirSync(`${at}/fd`).length,
      threads: readdirSync(`${at}/task`).length,
      resources,
    };
  }

  /** For a person who waits. */
  line(): string {
    const last = this.samples.at(-1);
    return `${this.name} ${last?.residentMB.toFixed(0)} MB, ${last?.descriptors} fds`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const ended = once(this.#child, "exit");
    const timer = setTimeout(() => this.#child.kill("SIGKILL"), ANSWER_MS);
    this.#order("end");
    if (this.#child.connected) this.#child.disconnect();
    await ended;
    clearTimeout(timer);
  }

  #order(order: SoakOrder): void {
    if (this.#child.connected) this.#child.send(order);
  }

  async #next<Kind extends SoakWord["kind"]>(kind: Kind): Promise<Extract<SoakWord, { kind: Kind }>> {
    const { promise, resolve, reject } = Promise.withResolvers<Extract<SoakWord, { kind: Kind }>>();
    const fail = (): void => reject(this.#failure ?? new Error(`${this.name} does not answer "${kind}".`));
    const hear = (word: SoakWord): void => {
      if (word.kind === kind) resolve(word as Extract<SoakWord, { kind: Kind }>);
      else if (word.kind === "failed") fail();
    };
    const timer = setTimeout(fail, ANSWER_MS);
    this.#child.on("message", hear);
    this.#child.once("exit", fail);
    if (this.#failure !== null) fail();
    try {
      return await promise;
    } finally {
      clearTimeout(timer);
      this.#child.off("message", hear);
      this.#child.off("exit", fail);
    }
  }
}
