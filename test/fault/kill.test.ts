// A `get` that is killed (-9) ten times at random moments of one download, and once more when its last byte arrives. It is
// watched on the wire, between it and the only seed.
//
// A piece that it has announced is verified and on disk, and is never sent again. In flight at a kill is everything else
// that was asked for: blocks on their way, and blocks of pieces that are not whole or not checked and written yet.

import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { BLOCK_LENGTH_BYTES, seededRandom } from "../../src/core/index.ts";
import type { PieceIndex } from "../../src/core/index.ts";
import { parseMetainfo } from "../../src/metainfo/index.ts";
import type { Layout } from "../../src/metainfo/index.ts";
import { scratchFolder, treeOf, writeFolder } from "../processes/payloads.ts";
import { create, get, seed } from "../processes/upswarm.ts";
import type { GetResult } from "../processes/upswarm.ts";
import { BITFIELD_ID, HAVE_ID, PIECE_ID, REQUEST_ID, WireTap } from "../processes/wire-tap.ts";
import type { WireMessage } from "../processes/wire-tap.ts";

const KILLS = 10;

const root = scratchFolder();
const received = join(root, "received");
const artifact = join(received, "release");

/** What passed between one run of `get` and the seed. */
class Run {
  /** Pieces that it says it has: at first by a bitfield, then one by one. */
  readonly announced = new Set<number>();
  /** Pieces that have arrived, every block of them. */
  readonly whole = new Set<number>();
  receivedBytes = 0;
  readonly #asked = new Set<string>();
  readonly #blocks = new Map<number, Set<number>>();
  readonly #layout: Layout;

  constructor(layout: Layout) {
    this.#layout = layout;
  }

  see({ id, payload }: WireMessage): void {
    if (id === BITFIELD_ID) {
      for (let piece = 0; piece < this.#layout.pieceCount; piece++) {
        if (((payload[piece >> 3] ?? 0) & (0x80 >> (piece & 7))) !== 0) this.announced.add(piece);
      }
      return;
    }
    if (id !== HAVE_ID && id !== REQUEST_ID && id !== PIECE_ID) return;
    const piece = payload.readUInt32BE(0);
    if (id === HAVE_ID) this.announced.add(piece);
    if (id === REQUEST_ID) this.#asked.add(`${piece}:${payload.readUInt32BE(4)}`);
    if (id === PIECE_ID) this.#block(piece, payload.readUInt32BE(4), payload.length - 8);
  }

  /** Everything is there or has arrived. */
  get isAll(): boolean {
    return new Set([...this.announced, ...this.whole]).size === this.#layout.pieceCount;
  }

  get inFlightBytes(): number {
    let blocks = this.#asked.size;
    for (const [piece, begins] of this.#blocks) if (!this.announced.has(piece)) blocks += begins.size;
    return blocks * BLOCK_LENGTH_BYTES;
  }

  #block(piece: number, begin: number, lengthBytes: number): void {
    this.#asked.delete(`${piece}:${begin}`);
    this.receivedBytes += lengthBytes;
    const begins = (this.#blocks.get(piece) ?? new Set()).add(begin);
    this.#blocks.set(piece, begins);
    if (begins.size === this.#layout.blockCount(piece as PieceIndex)) this.whole.add(piece);
  }
}

test("get, killed ten times and once at its last byte, resumes, and is sent again only what was in flight", async (t) => {
  const seedNumber = Number(process.env["UPSWARM_TEST_SEED"] ?? Date.now() % 1_000_000);
  t.diagnostic(`UPSWARM_TEST_SEED=${seedNumber}`);
  const random = seededRandom(seedNumber);
  const published = writeFolder(join(root, "release"), { largeBytes: 24_000_000 });
  const tree = treeOf(published);
  const file = join(root, "release.torrent");
  await create(published, file, "--piece-length", "64KiB");
  const { layout } = parseMetainfo(readFileSync(file));
  const { child, peer } = await seed(file, published, "--max-upload", "16MB/s");
  await using seeding = child;
  await using tap = await WireTap.open(peer);

  let sentBytes = 0;
  let inFlightBytes = 0;
  let kills = 0;
  const announced = new Set<number>();
  for (let round = 0; round <= KILLS; round++) {
    const run = new Run(layout);
    const isLast = round === KILLS;
    const leftBytes = Math.max(1, layout.lengthBytes - sentBytes);
    const killAtBytes = random.int(Math.ceil((2 * leftBytes) / (KILLS - round + 2)));
    await using getting = get(file, received, "--peer", tap.listen);
    let isKilled = false;
    tap.onMessage = (message) => {
      if (isKilled) return;
      run.see(message);
      assert.equal(existsSync(artifact), false, "nothing stands under the final name before it is whole");
      isKilled = isLast ? run.isAll : run.receivedBytes >= killAtBytes;
      if (isKilled) getting.kill("SIGKILL");
    };
    await getting.ended;
    const again = [...run.whole].filter((piece) => announced.has(piece));
    assert.deepEqual(again, [], "no piece is sent again that was announced before");
    for (const piece of run.announced) announced.add(piece);
    kills += isKilled ? 1 : 0;
    sentBytes += run.receivedBytes;
    inFlightBytes += run.inFlightBytes;
    if (existsSync(artifact)) assert.deepEqual(treeOf(artifact), tree, "what has the final name is whole");
  }
  assert.equal(kills, KILLS + 1);
  assert.ok(announced.size > layout.pieceCount / 2, `${announced.size} of ${layout.pieceCount} pieces were announced`);

  tap.onMessage = () => {};
  await using finishing = get(file, received, "--peer", tap.listen);
  const { bytes } = await finishing.result<GetResult>();
  assert.deepEqual(treeOf(artifact), tree);
  assert.equal(bytes.local + bytes.sitePeers, layout.lengthBytes);
  assert.deepEqual(readdirSync(received), ["release"], "no .part, journal or lock is left");

  const { uploadedBytes } = await seeding.stop<{ uploadedBytes: number }>();
  const againBytes = uploadedBytes - layout.lengthBytes;
  t.diagnostic(`of ${layout.lengthBytes} bytes ${againBytes} were sent again; in flight: at most ${inFlightBytes}`);
  assert.ok(againBytes >= 0 && againBytes <= inFlightBytes, `${againBytes} bytes were sent again`);
});
