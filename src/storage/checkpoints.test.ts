import assert from "node:assert/strict";
import fs, { readFile, rename, writeFile } from "node:fs/promises";
import { test } from "node:test";
import { decodeHeader, encodeHeader } from "./journal-record.ts";
import {
  hasPiece,
  openStore,
  recordingLog,
  temporaryFolder,
  workers,
  writeAll,
  writePiece,
} from "./sample-store.test.ts";
import { ioError } from "./io-failure.ts";
import { sampleTorrent } from "./sample-torrent.test.ts";

const torrent = sampleTorrent({
  version: "1",
  files: [
    { path: "a", lengthBytes: 100_000 },
    { path: "b", lengthBytes: 300_000 },
  ],
});

/** As if the machine had started again since: the journal is of another boot. */
async function reboot(directory: string): Promise<void> {
  const path = `${directory}/update.part.journal`;
  const bytes = await readFile(path);
  const decoded = decodeHeader(bytes, 4096);
  assert(decoded !== null);
  const bootId = decoded.header.bootId.replaceAll(/./g, "0");
  const header = encodeHeader({ ...decoded.header, bootId });
  assert.equal(header.length, decoded.end, "a checkpoint counts bytes from the start of the journal");
  await writeFile(path, Buffer.concat([header, bytes.subarray(decoded.end)]));
}

test("after a clean close and a reboot nothing is hashed", async (t) => {
  const directory = await temporaryFolder(t);
  {
    await using store = await openStore(torrent, directory);
    for (const piece of torrent.pieces.slice(2)) await writePiece(store, torrent, piece);
  }
  await reboot(directory);
  const log = recordingLog();
  await using store = await openStore(torrent, directory, { log });
  const { trusted, hashed } = log.last("storage.checked");
  assert.deepEqual([trusted, hashed], [torrent.pieces.length - 2, 0]);
  assert.equal(hasPiece(store, 0), false);
});

test("after a crash of the machine what no checkpoint covers is hashed", async (t) => {
  const directory = await temporaryFolder(t);
  {
    await using store = await openStore(torrent, directory);
    await writePiece(store, torrent, torrent.pieces[0] ?? assert.fail());
  }
  const crashed = await temporaryFolder(t);
  {
    await using store = await openStore(torrent, directory);
    for (const piece of torrent.pieces.slice(1)) await writePiece(store, torrent, piece);
    // The journal as it is before the last checkpoint; the lock stays with the folder that goes on.
    await writeFile(`${crashed}/update.part.journal`, await readFile(`${directory}/update.part.journal`));
  }
  await rename(`${directory}/update.part`, `${crashed}/update.part`);
  await reboot(crashed);
  const log = recordingLog();
  await using store = await openStore(torrent, crashed, { log });
  const { trusted, hashed, good } = log.last("storage.checked");
  assert.deepEqual([trusted, hashed, good], [1, torrent.pieces.length - 1, torrent.pieces.length - 1]);
  await store.finish();
});

test("a sync that fails stops completion and voids the journal", async (t) => {
  const directory = await temporaryFolder(t);
  {
    await using store = await openStore(torrent, directory);
    await writeAll(store, torrent);
    await rename(`${directory}/update.part/b`, `${directory}/aside`);
    await assert.rejects(store.finish(), { code: "storage.missing" });
    await assert.rejects(store.finish(), { code: "storage.missing" });
    assert.equal(store.complete, false);
  }
  await rename(`${directory}/aside`, `${directory}/update.part/b`);
  const log = recordingLog();
  await using store = await openStore(torrent, directory, { log, workers });
  assert.equal(log.last("storage.checked")["hashed"], torrent.pieces.length);
  await store.finish();
  assert.equal(store.complete, true);
});

test("a sync that could not begin for want of descriptors is tried again, and nothing is hashed anew", async (t) => {
  const directory = await temporaryFolder(t);
  await using store = await openStore(torrent, directory);
  await writeAll(store, torrent);
  const opening = t.mock.method(fs, "open", (path: string) =>
    Promise.reject(ioError("EMFILE", path, "too many open files")),
  );
  await assert.rejects(store.finish(), { code: "storage.open-files", retryable: true });
  opening.mock.restore();
  await store.finish();
  assert.equal(store.complete, true);
});
