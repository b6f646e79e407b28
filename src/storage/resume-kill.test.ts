// The process that downloads is killed (SIGKILL) again and again. This file is its own victim: with a folder as argument
// it opens the store there and writes missing pieces, naming each on stdout when it is had.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { open as openFile, readFile, stat, writeFile } from "node:fs/promises";
import { createInterface } from "node:readline";
import { test } from "node:test";
import { seededRandom, type PieceIndex } from "../core/index.ts";
import { decodeHeader, JournalCursor } from "./journal-record.ts";
import { PieceStore } from "./piece-store.ts";
import {
  hasPiece,
  openStore,
  pool,
  readPiece,
  recordingLog,
  temporaryFolder,
  writePiece,
} from "./sample-store.test.ts";
import { sampleTorrent } from "./sample-torrent.test.ts";
import { StorageWorkers } from "./storage-workers.ts";

const WRITES_AT_ONCE = 4;
const torrent = sampleTorrent({
  version: "1",
  pieceLengthBytes: 65_536,
  files: [
    { path: "small", lengthBytes: 300_000 },
    { path: "large", lengthBytes: 9_000_000 },
  ],
});
const { info, pieceHash, pieces } = torrent;

/** Writes about `count` pieces, however late the kill comes, so that something is left to do after it. */
async function downloadUntilKilled(directory: string, seed: number, count: number): Promise<void> {
  const random = seededRandom(seed);
  const order = pieces.map((piece) => ({ piece, rank: random.int(1e6) })).toSorted((a, b) => a.rank - b.rank);
  // By turns the thread that asks writes, and the I/O threads.
  const workers = new StorageWorkers({ count: 2, direct: seed % 2 === 0 });
  const store = await PieceStore.open({
    info,
    pieceHash,
    directory,
    mode: "download",
    verify: "resume",
    pool,
    workers,
  });
  const queue = order.map(({ piece }) => piece).filter((piece) => !hasPiece(store, piece));
  const todo = queue.slice(-count - WRITES_AT_ONCE);
  const lane = async (): Promise<void> => {
    for (let piece = todo.pop(); piece !== undefined; piece = todo.pop()) {
      assert.deepEqual(await writePiece(store, torrent, piece), { ok: true });
      process.stdout.write(`${piece}\n`);
    }
  };
  await Promise.all(Array.from({ length: WRITES_AT_ONCE }, lane));
  setInterval(() => {}, 60_000);
  await new Promise(() => {});
}

/** Runs the victim and kills it when it has named `count` pieces. Returns those it named. */
async function runAndKill(directory: string, seed: number, count: number): Promise<number[]> {
  const { NODE_TEST_CONTEXT: _, ...env } = process.env;
  const argv = [import.meta.filename, directory, String(seed), String(count)];
  const child = spawn(process.execPath, argv, { env, stdio: ["ignore", "pipe", "inherit"] });
  const exited = new Promise((resolve) => child.once("exit", resolve));
  const named: number[] = [];
  for await (const line of createInterface({ input: child.stdout })) {
    named.push(Number(line));
    if (named.length === count) child.kill("SIGKILL");
  }
  await exited;
  return named;
}

/** Greatest recorded mtime of a file, read plainly from the journal. */
async function recordedMtime(directory: string, fileIndex: number): Promise<bigint> {
  const bytes = await readFile(`${directory}/update.part.journal`);
  const decoded = decodeHeader(bytes, 4096);
  assert(decoded !== null);
  let latest = 0n;
  for (const cursor = new JournalCursor(bytes, decoded.end, decoded.header.seed); cursor.next();) {
    if (cursor.type !== "piece") continue;
    for (let entry = 0; entry < cursor.entryCount; entry++) {
      if (cursor.fileIndex(entry) === fileIndex && cursor.value(entry) > latest) latest = cursor.value(entry);
    }
  }
  return latest;
}

async function isAsRecorded(directory: string): Promise<boolean> {
  for (const file of info.layout.files) {
    const { mtimeNs } = await stat(`${directory}/update.part/${file.path.join("/")}`, { bigint: true });
    const recorded = await recordedMtime(directory, file.index);
    if (recorded !== 0n && mtimeNs !== recorded) return false;
  }
  return true;
}

async function killRepeatedly(directory: string): Promise<void> {
  const random = seededRandom(2004);
  const known = new Set<number>();
  let cheapResumes = 0;
  // A loaded machine kills late: then there may be nothing left for the last rounds.
  for (let round = 0; round < 10 && known.size < pieces.length; round++) {
    const named = await runAndKill(directory, round, 1 + random.int(12));
    assert(named.length > 0, "it went on where it was");
    for (const piece of named) {
      assert(!known.has(piece), `piece ${piece} was downloaded twice`);
      known.add(piece);
    }
    const asRecorded = await isAsRecorded(directory);
    const log = recordingLog();
    await using store = await openStore(torrent, directory, { log });
    const hashed = Number(log.last("storage.checked")["hashed"]);
    if (asRecorded) assert(hashed <= WRITES_AT_ONCE, `hashed ${hashed} pieces though no mtime differs`);
    if (hashed <= WRITES_AT_ONCE) cheapResumes++;
    for (const piece of pieces) {
      if (known.has(piece)) assert(hasPiece(store, piece), `piece ${piece} was had and is lost`);
      if (!hasPiece(store, piece)) continue;
      known.add(piece);
      assert((await readPiece(store, torrent, piece)).equals(torrent.pieceBytes(piece)), `piece ${piece} is bad`);
    }
  }
  assert(cheapResumes > 0, "no resume at all was cheap");
  await using store = await openStore(torrent, directory);
  for (const piece of pieces) if (!hasPiece(store, piece)) await writePiece(store, torrent, piece);
  await store.finish();
  assert((await readFile(`${directory}/update/large`)).equals(torrent.fileBytes("large")));
}

/** Changes a byte, as somebody would who comes a moment after the kill. */
async function changeByte(directory: string, path: string, position: number): Promise<void> {
  const { mtimeNs: killed } = await stat(`${directory}/update.part.journal`, { bigint: true });
  const file = await openFile(`${directory}/update.part/${path}`, "r+");
  const byte = Buffer.alloc(1);
  await file.read(byte, 0, 1, position);
  byte.writeUInt8(byte.readUInt8() ^ 1);
  do await file.write(byte, 0, 1, position);
  while ((await file.stat({ bigint: true })).mtimeNs < killed + 50_000_000n);
  await file.close();
}

if (process.argv[2] === undefined) {
  test("a download that is killed again and again loses no piece and trusts no bad one", async (t) =>
    killRepeatedly(await temporaryFolder(t)));

  test("one byte changed after a kill is found, and only its piece is lost", async (t) => {
    const directory = await temporaryFolder(t);
    const named = await runAndKill(directory, 7, 20);
    const victim = named.find((piece) =>
      info.layout.segments(piece as PieceIndex).every((part) => part.fileIndex === 1),
    );
    assert(victim !== undefined);
    const place = info.layout.segments(victim as PieceIndex)[0];
    await changeByte(directory, "large", (place?.fileOffset ?? 0) + 1000);
    await using store = await openStore(torrent, directory);
    for (const piece of named) assert.equal(hasPiece(store, piece), piece !== victim, `piece ${piece}`);
    assert.deepEqual(await writePiece(store, torrent, victim as PieceIndex), { ok: true });
  });

  test("a cut-off journal loses its last pieces, a damaged one costs hashing, neither is fatal", async (t) => {
    const directory = await temporaryFolder(t);
    const journal = `${directory}/update.part.journal`;
    const named = await runAndKill(directory, 8, 30);
    const cut = await readFile(journal);
    for (const spoil of [(bytes: Buffer) => bytes.subarray(0, -7), (bytes: Buffer) => bytes.fill(0, 0, 20)]) {
      await writeFile(journal, spoil(Buffer.from(cut)));
      await using store = await openStore(torrent, directory);
      for (const piece of pieces) {
        if (!hasPiece(store, piece)) continue;
        assert((await readPiece(store, torrent, piece)).equals(torrent.pieceBytes(piece)));
      }
      const lost = named.filter((piece) => !hasPiece(store, piece));
      assert(lost.length <= WRITES_AT_ONCE, `${lost.length} of ${named.length} pieces lost`);
    }
  });
} else {
  await downloadUntilKilled(process.argv[2], Number(process.argv[3]), Number(process.argv[4]));
}
