import assert from "node:assert/strict";
import { mkdir, readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import {
  systemRandom,
  UPLOAD_DISK_RESERVE_BYTES,
  UPLOAD_EXPIRY_MS,
  UPLOAD_IDLE_MS,
  UPLOAD_LENGTH_BYTES_MAX,
  UPLOADS_MAX,
} from "../../core/index.ts";
import { buildInfo, buildMetainfo, layOutPayload, merkleRoot, pieceLevel } from "../../metainfo/index.ts";
import { temporaryFolder } from "../publishing/sample-origin.test.ts";
import { present } from "./sample-uploads.test.ts";
import { UploadStore, type UploadStoreDeps } from "./upload-store.ts";
import type { UploadBody } from "./upload.ts";

/** A hybrid metainfo of one file; nobody has bytes with these hashes. */
function metainfoOf(lengthBytes: number, name = "update.bin"): Buffer {
  const entry = { kind: "regular", path: [name], lengthBytes, executable: false, symlinkTarget: null } as const;
  const pieceLengthBytes = lengthBytes > 2 ** 30 ? 64 * 2 ** 20 : 65_536;
  const payload = layOutPayload({ name, version: "hybrid", isFolder: false, entries: [entry], pieceLengthBytes });
  const { pieceCount } = payload.layout;
  const layer = Buffer.alloc(pieceCount * 32, 7);
  const root = merkleRoot(layer, pieceLevel(pieceLengthBytes));
  const info = buildInfo(payload, { pieces: Buffer.alloc(pieceCount * 20), piecesRoots: [root] });
  const pieceLayers = pieceCount > 1 ? new Map([[root.toString("hex"), layer]]) : null;
  return buildMetainfo(info, { pieceLayers });
}

const ref = (version: number): { product: string; version: string } => ({ product: "update", version: `${version}` });

interface World extends AsyncDisposable {
  readonly folder: string;
  readonly clock: { nowMs: number; wallMs(): number; now(): number };
  open(deps?: Partial<UploadStoreDeps>): Promise<UploadStore>;
}

async function openWorld(): Promise<World> {
  const { path, ...folder } = await temporaryFolder();
  const clock = { nowMs: Date.now(), wallMs: () => clock.nowMs, now: () => 0 };
  const open = (deps: Partial<UploadStoreDeps> = {}): Promise<UploadStore> =>
    UploadStore.open(join(path, "uploads"), { clock, random: systemRandom, ...deps });
  return { folder: join(path, "uploads"), clock, open, [Symbol.asyncDispose]: () => folder[Symbol.asyncDispose]() };
}

/** As a request's body: these bytes, and then it breaks off where `error` is given. */
function bodyOf(bytes: Buffer, error: Error | null = null): UploadBody {
  const parts = (async function* (): AsyncGenerator<Buffer> {
    yield await Promise.resolve(bytes);
    if (error !== null) throw error;
  })();
  return Object.assign(parts, { destroy: () => {} });
}

test("begin() takes UPLOADS_MAX uploads and refuses the next until one is gone", async () => {
  await using world = await openWorld();
  const store = await world.open();
  for (let version = 1; version <= UPLOADS_MAX; version++) await store.begin(ref(version), metainfoOf(1000));
  await assert.rejects(store.begin(ref(0), metainfoOf(1000)), { code: "upload.too-many", retryable: true });
  // The same again is no further one.
  const { upload, isNew } = await store.begin(ref(1), metainfoOf(1000));
  assert.equal(isNew, false);
  await store.remove(upload);
  await store.begin(ref(0), metainfoOf(1000));
});

test("begin() counts also those that begin at once", async () => {
  await using world = await openWorld();
  const store = await world.open();
  const begun = Array.from({ length: UPLOADS_MAX + 3 }, (_, version) => store.begin(ref(version), metainfoOf(1000)));
  const refused = (await Promise.allSettled(begun)).filter(({ status }) => status === "rejected");
  assert.equal(refused.length, 3);
  assert.equal(store.count, UPLOADS_MAX);
});

test("begin() takes UPLOAD_LENGTH_BYTES_MAX and refuses a byte more", async () => {
  await using world = await openWorld();
  const store = await world.open({ freeBytes: () => Promise.resolve(2 ** 50) });
  await store.begin(ref(1), metainfoOf(UPLOAD_LENGTH_BYTES_MAX));
  await assert.rejects(store.begin(ref(2), metainfoOf(UPLOAD_LENGTH_BYTES_MAX + 1)), { code: "upload.too-large" });
});

test("begin() leaves UPLOAD_DISK_RESERVE_BYTES beside what all uploads have yet to receive", async () => {
  await using world = await openWorld();
  const store = await world.open({ freeBytes: () => Promise.resolve(UPLOAD_DISK_RESERVE_BYTES + 5000) });
  const { upload } = await store.begin(ref(1), metainfoOf(3000));
  await assert.rejects(store.begin(ref(2), metainfoOf(2001)), { code: "upload.no-space", retryable: true });
  await upload.receive(0, bodyOf(Buffer.alloc(1)), world.clock);
  await store.begin(ref(2), metainfoOf(2001));
});

test("an upload expires UPLOAD_EXPIRY_MS after something last came, also over a restart", async () => {
  await using world = await openWorld();
  const first = await world.open();
  const { upload } = await first.begin(ref(1), metainfoOf(1000));
  world.clock.nowMs += 100_000;
  await upload.receive(0, bodyOf(Buffer.alloc(10)), world.clock);
  world.clock.nowMs += UPLOAD_EXPIRY_MS;
  const second = await world.open();
  assert.equal(await second.get(upload.id).offset(), 10);
  // File times may be rounded.
  world.clock.nowMs += 1000;
  const third = await world.open();
  assert.throws(() => third.get(upload.id), { code: "upload.unknown" });
  assert.deepEqual(await readdir(world.folder), []);
});

test("begin() of another payload for the same version replaces the upload", async () => {
  await using world = await openWorld();
  const store = await world.open();
  const { upload } = await store.begin(ref(1), metainfoOf(1000));
  const other = await store.begin(ref(1), metainfoOf(1001));
  assert.equal(other.isNew, true);
  assert.throws(() => store.get(upload.id), { code: "upload.unknown" });
  assert.equal(store.count, 1);
});

test("open() removes what a crash left before it was an upload", async () => {
  await using world = await openWorld();
  for (const name of ["empty", "torn", "without-metainfo", "torn-metainfo"])
    await mkdir(join(world.folder, name), { recursive: true });
  await writeFile(join(world.folder, "torn", "upload.json"), '{"id":"to');
  for (const name of ["without-metainfo", "torn-metainfo"]) {
    await writeFile(join(world.folder, name, "upload.json"), '{"id":"x","product":"p","version":"1"}');
  }
  await writeFile(join(world.folder, "torn-metainfo", "release.torrent"), metainfoOf(1000).subarray(0, 100));
  const store = await world.open();
  assert.equal(store.count, 0);
  assert.deepEqual(await readdir(world.folder), []);
});

test("receive() keeps what came before a body broke off, and knows it after a restart", async () => {
  await using world = await openWorld();
  const store = await world.open();
  const { upload } = await store.begin(ref(1), metainfoOf(1000));
  const cut = Object.assign(new Error("aborted"), { code: "ECONNRESET" });
  assert.equal(await upload.receive(0, bodyOf(Buffer.alloc(300, 1), cut), world.clock), 300);
  await assert.rejects(upload.receive(299, bodyOf(Buffer.alloc(1)), world.clock), { code: "upload.offset" });
  const again = (await world.open()).get(upload.id);
  assert.equal(await again.offset(), 300);
  assert.equal(await again.receive(300, bodyOf(Buffer.alloc(700, 2)), world.clock), 1000);
  await assert.rejects(again.receive(1000, bodyOf(Buffer.alloc(1)), world.clock), { code: "upload.too-large" });
  assert.equal(await again.offset(), 1000);
});

test("receive() ends a body that says nothing for UPLOAD_IDLE_MS", async (t) => {
  await using world = await openWorld();
  const store = await world.open();
  const { upload } = await store.begin(ref(1), metainfoOf(1000));
  t.mock.timers.enable({ apis: ["setTimeout"] });
  const asked = Promise.withResolvers<void>();
  const ended = Promise.withResolvers<IteratorResult<Buffer>>();
  let destroyed: Error | null = null;
  const body: UploadBody = {
    [Symbol.asyncIterator]: () => ({
      next: () => {
        asked.resolve();
        return ended.promise;
      },
    }),
    destroy: (error) => {
      destroyed = error ?? new Error("taken over");
      ended.reject(destroyed);
    },
  };
  const receiving = upload.receive(0, body, world.clock);
  await asked.promise;
  t.mock.timers.tick(UPLOAD_IDLE_MS - 1);
  assert.equal(destroyed, null);
  t.mock.timers.tick(1);
  await assert.rejects(receiving, { code: "upload.idle" });
  assert.equal(present<Error>(destroyed).name, "UploadError");
});
