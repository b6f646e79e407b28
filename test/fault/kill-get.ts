// `get` as a victim of kill -9, watched on the wire between it and the only seed. What has the final name is whole; a piece
// that was announced once is never sent again; the run that ends well leaves the artifact and nothing beside it.

import assert from "node:assert/strict";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { performance } from "node:perf_hooks";
import type { Random } from "../../src/core/index.ts";
import { parseMetainfo } from "../../src/metainfo/index.ts";
import type { Layout } from "../../src/metainfo/index.ts";
import { scratchFolder, treeOf, writeFolder } from "../processes/payloads.ts";
import { create, get, seed } from "../processes/upswarm.ts";
import type { GetResult } from "../processes/upswarm.ts";
import { WireTap } from "../processes/wire-tap.ts";
import { GetRun } from "./get-run.ts";
import { LifeSpan } from "./kill-rounds.ts";
import type { KillOutcome, Victim } from "./kill-rounds.ts";

/** Kills of one download; with them it is let go to its end. */
const KILLS_PER_DOWNLOAD = 4;

interface Scene {
  readonly root: string;
  readonly file: string;
  readonly layout: Layout;
  readonly tree: Readonly<Record<string, string>>;
  readonly tap: WireTap;
}

export async function openGetVictim(): Promise<Victim> {
  const root = scratchFolder();
  const published = writeFolder(join(root, "release"), { largeBytes: 12_000_000 });
  const file = join(root, "release.torrent");
  await create(published, file, "--piece-length", "64KiB");
  const { child, peer } = await seed(file, published, "--max-upload", "12MB/s");
  const tap = await WireTap.open(peer);
  const { layout } = parseMetainfo(readFileSync(file));
  const scene: Scene = { root, file, layout, tree: treeOf(published), tap };
  const startMs = performance.now();
  await new Download(scene).complete();
  const life = new LifeSpan(performance.now() - startMs);
  return new GetVictim(scene, life, async () => {
    await tap[Symbol.asyncDispose]();
    await child[Symbol.asyncDispose]();
    rmSync(root, { recursive: true, force: true });
  });
}

class GetVictim implements Victim {
  readonly #scene: Scene;
  readonly #life: LifeSpan;
  readonly #close: () => Promise<void>;
  #download: Download | null = null;
  #completed = 0;
  #againBytes = 0;

  constructor(scene: Scene, life: LifeSpan, close: () => Promise<void>) {
    this.#scene = scene;
    this.#life = life;
    this.#close = close;
  }

  async round(random: Random): Promise<KillOutcome> {
    this.#download ??= new Download(this.#scene);
    const outcome = await this.#download.kill(this.#life, this.#life.moment(random));
    if (outcome.left === "finished" || this.#download.kills === KILLS_PER_DOWNLOAD) await this.#complete();
    return outcome;
  }

  async finish(): Promise<string> {
    await this.#complete();
    const { lengthBytes } = this.#scene.layout;
    const share = (100 * this.#againBytes) / (this.#completed * lengthBytes);
    return `${this.#completed} downloads of ${lengthBytes} bytes; ${share.toFixed(1)} % were in flight at a kill and sent again; a run takes ${(this.#life.ms / 1000).toFixed(2)} s`;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#close();
  }

  async #complete(): Promise<void> {
    if (this.#download === null) return;
    await this.#download.complete();
    this.#againBytes += this.#download.receivedBytes - this.#scene.layout.lengthBytes;
    this.#completed++;
    this.#download = null;
  }
}

class Download {
  readonly #scene: Scene;
  readonly #folder: string;
  readonly #announced = new Set<number>();
  #inFlightBytes = 0;
  receivedBytes = 0;
  kills = 0;

  constructor(scene: Scene) {
    this.#scene = scene;
    this.#folder = mkdtempSync(join(scene.root, "received-"));
  }

  async kill(life: LifeSpan, delayMs: number): Promise<KillOutcome> {
    this.kills++;
    const run = this.#watch();
    await using child = get(this.#scene.file, this.#folder, "--peer", this.#scene.tap.listen);
    const killed = await life.kill(child, delayMs);
    this.#take(run);
    const artifact = join(this.#folder, "release");
    const isThere = existsSync(artifact);
    if (isThere) assert.deepEqual(treeOf(artifact), this.#scene.tree, "what has the final name is whole");
    const others = readdirSync(this.#folder).filter((name) => name !== "release");
    const left = isThere ? "finished" : others.length > 0 ? "unfinished" : "nothing";
    return { killed, left, leftovers: others.length };
  }

  async complete(): Promise<void> {
    const run = this.#watch();
    await using child = get(this.#scene.file, this.#folder, "--peer", this.#scene.tap.listen);
    const { bytes } = await child.result<GetResult>();
    this.#take(run);
    const { layout, tree } = this.#scene;
    assert.deepEqual(treeOf(join(this.#folder, "release")), tree);
    assert.equal(bytes.local + bytes.sitePeers, layout.lengthBytes);
    assert.deepEqual(readdirSync(this.#folder), ["release"], "no .part, journal or lock is left");
    const againBytes = this.receivedBytes - layout.lengthBytes;
    assert.ok(againBytes >= 0 && againBytes <= this.#inFlightBytes, `${againBytes} of ${this.#inFlightBytes}`);
    rmSync(this.#folder, { recursive: true });
  }

  #watch(): GetRun {
    const run = new GetRun(this.#scene.layout);
    this.#scene.tap.onMessage = (message) => run.see(message);
    return run;
  }

  #take(run: GetRun): void {
    this.#scene.tap.onMessage = () => {};
    const again = [...run.whole].filter((piece) => this.#announced.has(piece));
    assert.deepEqual(again, [], "no piece is sent again that was announced before");
    for (const piece of run.announced) this.#announced.add(piece);
    this.receivedBytes += run.receivedBytes;
    this.#inFlightBytes += run.inFlightBytes;
  }
}
