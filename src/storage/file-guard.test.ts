import assert from "node:assert/strict";
import { utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import type { PieceIndex } from "../core/index.ts";
import { openStore, readPiece, temporaryFolder, writeAll } from "./sample-store.test.ts";
import { sampleTorrent } from "./sample-torrent.test.ts";

const torrent = sampleTorrent({ files: 200_000 });
const first = 0 as PieceIndex;

test("readPiece() refuses a file that was altered after it was checked for seeding", async (t) => {
  const path = join(await temporaryFolder(t), "elsewhere");
  writeFileSync(path, torrent.fileBytes("update"));
  await using store = await openStore(torrent, "/", { mode: "seed", verify: "full", path });
  writeFileSync(path, Buffer.alloc(200_000));
  await assert.rejects(readPiece(store, torrent, first), { code: "storage.changed", retryable: false });
});

test("readPiece() reads a finished download, and refuses it once it is touched", async (t) => {
  const folder = await temporaryFolder(t);
  await using store = await openStore(torrent, folder);
  await writeAll(store, torrent);
  await store.finish();
  assert.deepEqual(await readPiece(store, torrent, first), torrent.pieceBytes(first));
  await store[Symbol.asyncDispose]();
  await using again = await openStore(torrent, folder);
  utimesSync(join(folder, "update"), 1, 1);
  await assert.rejects(readPiece(again, torrent, first), { code: "storage.changed" });
});

test("a seed whose file is altered between two reads sends none of it", async (t) => {
  const path = join(await temporaryFolder(t), "elsewhere");
  writeFileSync(path, torrent.fileBytes("update"));
  // What is changed within the same tick of the kernel's clock has the same time.
  utimesSync(path, 1, 1);
  await using store = await openStore(torrent, "/", { mode: "seed", verify: "full", path });
  assert.deepEqual(await readPiece(store, torrent, first), torrent.pieceBytes(first));
  writeFileSync(path, Buffer.alloc(1, 1), { flag: "r+" });
  // At once, and not when the file is next looked at by its name.
  await assert.rejects(readPiece(store, torrent, 1 as PieceIndex), { code: "storage.changed" });
});
