import assert from "node:assert/strict";
import { copyFile, readdir, readFile, rename, rm, stat, truncate, utimes, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import type { PieceStore } from "./piece-store.ts";
import { hasPiece, openStore, temporaryFolder, writeAll, writePiece } from "./sample-store.test.ts";
import { sampleTorrent } from "./sample-torrent.test.ts";

const torrent = sampleTorrent({
  files: [
    { path: "a", lengthBytes: 100_000 },
    { path: "b", lengthBytes: 300_000 },
  ],
});

async function written(t: TestContext): Promise<{ store: PieceStore; folder: string; file: string }> {
  const folder = await temporaryFolder(t);
  const store = await openStore(torrent, folder);
  t.after(() => store[Symbol.asyncDispose]());
  await writeAll(store, torrent);
  const file = join(folder, "update.part", "b");
  await ticked(file);
  return { store, folder, file };
}

/** What is changed within the same tick of the kernel's clock has the same time. */
async function ticked(file: string): Promise<void> {
  const { mtimeMs } = await stat(file);
  const clock = `${file}.clock`;
  do await writeFile(clock, "");
  while ((await stat(clock)).mtimeMs <= mtimeMs);
  await rm(clock);
}

const bad = Buffer.alloc(300_000, 1);
const harms: Readonly<Record<string, (file: string) => Promise<unknown>>> = {
  "altered in place": (file) => writeFile(file, bad, { flag: "r+" }),
  "cut short": (file) => truncate(file, 1_000),
  "replaced by another": async (file) => {
    await writeFile(`${file}.other`, bad);
    await rename(`${file}.other`, file);
  },
  deleted: (file) => rm(file),
};

for (const [what, harm] of Object.entries(harms)) {
  test(`finish() gives no final name to a file that was ${what}, and the next run fetches its pieces alone`, async (t) => {
    const { store, folder, file } = await written(t);
    await harm(file);
    await assert.rejects(store.finish(), { code: /^storage.(?:changed|missing)$/, message: new RegExp(`${file}$`) });
    assert.equal((await readdir(folder)).includes("update"), false);
    await store[Symbol.asyncDispose]();
    await using again = await openStore(torrent, folder);
    assert.equal(again.localBytes, 100_000, "the other file is not fetched again");
    for (const piece of torrent.pieces) if (!hasPiece(again, piece)) await writePiece(again, torrent, piece);
    await again.finish();
    assert((await readFile(join(folder, "update", "b"))).equals(torrent.fileBytes("b")));
  });
}

test("finish() finds what somebody wrote between two of our own writes to the same file", async (t) => {
  const folder = await temporaryFolder(t);
  await using store = await openStore(torrent, folder);
  const file = join(folder, "update.part", "b");
  const last = torrent.pieces.at(-1);
  for (const piece of torrent.pieces) if (piece !== last) await writePiece(store, torrent, piece);
  await ticked(file);
  await writeFile(file, bad.subarray(0, 1), { flag: "r+" });
  await ticked(file);
  assert(last !== undefined);
  await writePiece(store, torrent, last);
  await assert.rejects(store.finish(), { code: "storage.changed" });
});

test("finish() goes by the bytes of a file that was touched, or replaced by a copy of itself", async (t) => {
  const { store, folder, file } = await written(t);
  await utimes(join(folder, "update.part", "a"), 1, 1);
  await copyFile(file, `${file}.copy`);
  await rename(`${file}.copy`, file);
  await store.finish();
  assert((await readFile(join(folder, "update", "b"))).equals(torrent.fileBytes("b")));
});

test("writePiece() writes nothing beyond the end of a file that was cut short", async (t) => {
  const folder = await temporaryFolder(t);
  await using store = await openStore(torrent, folder);
  const last = torrent.pieces.at(-1);
  assert(last !== undefined);
  const file = join(folder, "update.part", "b");
  await truncate(file, 10);
  await assert.rejects(writePiece(store, torrent, last), { code: "storage.short", message: new RegExp(`${file}$`) });
  assert.equal((await readFile(file)).length, 10);
});
