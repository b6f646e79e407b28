// A peer of the soak that is killed at random, comes back, goes on where it was, and begins anew when it has it all.

import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, rmSync } from "node:fs";
import { formatEndpoint, seededRandom } from "../src/core/index.ts";
import type { Endpoint, Random } from "../src/core/index.ts";

export interface KilledPeerOptions {
  readonly program: string;
  readonly torrent: string;
  readonly folder: string;
  readonly peers: readonly Endpoint[];
  /** Of the random moments. */
  readonly seed: number;
}

const LIFE_MS_MAX = 4_000;
const AWAY_MS_MAX = 6_000;

export class KilledPeer {
  kills = 0;
  readonly #options: KilledPeerOptions;
  readonly #random: Random;
  #child: ChildProcess | null = null;
  #timer: NodeJS.Timeout | undefined;

  constructor(options: KilledPeerOptions) {
    this.#options = options;
    this.#random = seededRandom(options.seed);
  }

  start(): void {
    this.#timer = setTimeout(() => this.#live(), this.#random.int(AWAY_MS_MAX));
  }

  async stop(): Promise<void> {
    clearTimeout(this.#timer);
    const child = this.#child;
    this.#child = null;
    if (child === null || child.exitCode !== null || child.signalCode !== null) return;
    const ended = once(child, "exit");
    child.kill("SIGKILL");
    await ended;
  }

  #live(): void {
    const { program, torrent, folder, peers } = this.#options;
    const known = peers.flatMap((peer) => ["--peer", formatEndpoint(peer)]);
    const argv = ["get", torrent, "-o", folder, ...known, "--listen", "127.0.0.1:0", "--seed-for", "1s", "--json"];
    const child = spawn(process.execPath, [program, ...argv], {
      stdio: "ignore",
      env: { ...process.env, UPSWARM_PROGRESS: "none" },
    });
    this.#child = child;
    this.#timer = setTimeout(() => {
      this.kills++;
      child.kill("SIGKILL");
    }, this.#random.int(LIFE_MS_MAX));
    child.once("exit", (code) => {
      if (this.#child !== child) return;
      clearTimeout(this.#timer);
      if (code === 0) {
        rmSync(folder, { recursive: true, force: true });
        mkdirSync(folder);
      }
      this.start();
    });
  }
}
