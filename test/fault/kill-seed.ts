// The only seed of a download as a victim of kill -9. It writes nothing, so what it leaves is as it found it; whoever
// downloads from it goes on by itself when the seed is back, and takes nothing twice but what was on its way.

import assert from "node:assert/strict";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import type { Random } from "../../src/core/index.ts";
import { freePort } from "../processes/free-port.ts";
import { scratchFolder, treeOf, writeFolder } from "../processes/payloads.ts";
import { create, get, seed, Upswarm } from "../processes/upswarm.ts";
import type { GetResult } from "../processes/upswarm.ts";
import { killAfter } from "./kill-rounds.ts";
import type { KillOutcome, Left, Victim } from "./kill-rounds.ts";

/** Kills during one download: who cannot connect waits longer each time. */
const KILLS_PER_DOWNLOAD = 4;
/** From its start: a moment is before it is ready, while nobody is connected yet, or in the middle. */
const LIFE_MS = 2_500;
const RATE = "4MB/s";
/** What 2048 outstanding requests of 16 KiB amount to, and no more than the file: all of it may be lost at a kill. */
const IN_FLIGHT_BYTES_MAX = 8_000_000;

export async function openSeedVictim(): Promise<Victim> {
  const root = scratchFolder();
  const published = writeFolder(join(root, "published", "release"), { largeBytes: 6_000_000 });
  const file = join(root, "release.torrent");
  await create(published, file, "--piece-length", "64KiB");
  return new SeedVictim(root, file, published, await freePort());
}

interface Getting {
  readonly child: Upswarm;
  readonly folder: string;
  kills: number;
}

class SeedVictim implements Victim {
  readonly #root: string;
  readonly #file: string;
  readonly #published: string;
  readonly #listen: string;
  readonly #tree: Readonly<Record<string, string>>;
  #getting: Getting | null = null;
  #completed = 0;

  constructor(root: string, file: string, published: string, port: number) {
    this.#root = root;
    this.#file = file;
    this.#published = published;
    this.#listen = `127.0.0.1:${port}`;
    this.#tree = treeOf(published);
  }

  async round(random: Random): Promise<KillOutcome> {
    const getting = this.#getting ?? this.#start();
    this.#getting = getting;
    getting.kills++;
    const argv = ["seed", this.#file, this.#published, "--listen", this.#listen, "--max-upload", RATE];
    await using victim = new Upswarm(argv);
    const killed = await killAfter(victim, random.int(LIFE_MS));
    assert.deepEqual(treeOf(this.#published), this.#tree);
    assert.deepEqual(readdirSync(join(this.#published, "..")), ["release"], "a seed leaves nothing");
    const left: Left = getting.child.lines.length > 0 ? "finished" : isBegun(getting.child) ? "unfinished" : "nothing";
    if (left === "finished" || getting.kills === KILLS_PER_DOWNLOAD) await this.#complete();
    return { killed, left, leftovers: 0 };
  }

  async finish(): Promise<string> {
    await this.#complete();
    return `${this.#completed} downloads went on by themselves each time that the seed was back`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#getting?.child[Symbol.asyncDispose]();
    rmSync(this.#root, { recursive: true, force: true });
  }

  #start(): Getting {
    const folder = mkdtempSync(join(this.#root, "received-"));
    return { child: get(this.#file, folder, "--peer", this.#listen), folder, kills: 0 };
  }

  async #complete(): Promise<void> {
    if (this.#getting === null) return;
    const { child, folder } = this.#getting;
    await using seeding = (await seed(this.#file, this.#published, "--listen", this.#listen)).child;
    const { bytes, lengthBytes } = await child.result<GetResult>();
    await seeding.stop();
    assert.deepEqual(treeOf(join(folder, "release")), this.#tree);
    assert.deepEqual(readdirSync(folder), ["release"]);
    assert.equal(bytes.hashFailed, 0);
    assert.equal(bytes.sitePeers + bytes.local, lengthBytes);
    assert.ok(bytes.duplicate <= IN_FLIGHT_BYTES_MAX, `${bytes.duplicate} bytes came twice`);
    rmSync(folder, { recursive: true });
    this.#getting = null;
    this.#completed++;
  }
}

/** It has said that it has some of it. */
function isBegun(child: Upswarm): boolean {
  return child.err.split("\n").some((line) => /"phase":"downloading".*"doneBytes":[1-9]/.test(line));
}
