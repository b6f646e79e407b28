// Sessions, payloads and waiting, for the tests of this folder. It has no tests; its name keeps it out of the build.

import assert from "node:assert/strict";
import { chmod, mkdir, mkdtemp, readdir, readFile, readlink, rm, stat, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { after, type TestContext } from "node:test";
import { createHash } from "node:crypto";
import type { Endpoint } from "../core/index.ts";
import { buildInfo, buildMetainfo, layOutPayload, parseMetainfo } from "../metainfo/index.ts";
import type { Metainfo, MetainfoOptions, MetainfoVersion } from "../metainfo/index.ts";
import { hashPayload, scanPayload, StorageWorkers } from "../storage/index.ts";
import { Session } from "./index.ts";
import type { SessionOptions, Torrent, TorrentEvents, TorrentOptions } from "./index.ts";

/** Shared by a file's tests, so that not every session starts threads of its own. */
export const workers: StorageWorkers = new StorageWorkers({ count: 2 });
after(() => workers[Symbol.asyncDispose]());

export const DEADLINE_MS = 20_000;

/** Fails instead of hanging. */
export async function soon<T>(promise: Promise<T>, what: string): Promise<T> {
  const { promise: late, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => reject(new Error(`Waited in vain for ${what}.`)), DEADLINE_MS);
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}

/** The next such event. */
export function next<Name extends keyof TorrentEvents>(torrent: Torrent, name: Name): Promise<TorrentEvents[Name]> {
  const { promise, resolve } = Promise.withResolvers<TorrentEvents[Name]>();
  const off = torrent.on(name, (value) => {
    off();
    resolve(value);
  });
  return soon(promise, `the event ${name}`);
}

/** Until `condition` holds; it is looked at whenever something may have happened. */
export async function until(condition: () => boolean, what: string): Promise<void> {
  const deadline = performance.now() + DEADLINE_MS;
  while (!condition()) {
    assert.ok(performance.now() < deadline, `Waited in vain until ${what}.`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

export async function temporaryFolder(t: TestContext): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), "upswarm-engine-"));
  t.after(() => rm(path, { recursive: true, force: true }));
  return path;
}

/** A session on loopback; at the end of the test it closes, and must have given back its memory. */
export async function openSession(t: TestContext, options: SessionOptions = {}): Promise<Session> {
  const session = await Session.open({ listen: { host: "127.0.0.1", port: 0 }, workers, ...options });
  t.after(async () => {
    await soon(session[Symbol.asyncDispose](), "the session to close");
    await until(() => session.bufferBytes === 0, "every buffer is given back");
    assert.equal(session.torrents.size, 0);
  });
  return session;
}

export function noise(lengthBytes: number, seed: string | number): Buffer {
  if (lengthBytes === 0) return Buffer.alloc(0);
  return createHash("shake256", { outputLength: lengthBytes }).update(String(seed)).digest();
}

export interface PayloadFile {
  readonly path: string;
  readonly bytes?: Buffer;
  readonly executable?: boolean;
  readonly symlinkTarget?: string;
}

export interface Published {
  readonly metainfo: Metainfo;
  /** The payload itself. */
  readonly path: string;
}

/** 256 KiB and a rest in pieces of 32 KiB: nine pieces, eighteen blocks. */
export const SINGLE: Buffer = noise(262_144 + 5_000, "single");

export const FOLDER: readonly PayloadFile[] = [
  { path: "bin/tool", bytes: noise(70_000, 1), executable: true },
  { path: "bin/tööl", symlinkTarget: "tool" },
  { path: "empty", bytes: Buffer.alloc(0) },
  { path: "notes/läs mig.txt", bytes: noise(33, 2) },
  { path: "notes/更新.bin", bytes: noise(40_000, 3) },
  { path: "zero-length.end", bytes: Buffer.alloc(0) },
];

export interface PublishOptions extends MetainfoOptions {
  readonly version?: MetainfoVersion;
  readonly pieceLengthBytes?: number;
  readonly name?: string;
  readonly private?: boolean;
  readonly files?: Buffer | readonly PayloadFile[];
}

/** Writes a payload and makes its metainfo, as `create` does. */
export async function publish(t: TestContext, options: PublishOptions = {}): Promise<Published> {
  const { version = "hybrid", name = "update", files = SINGLE, pieceLengthBytes = 32_768 } = options;
  const path = join(await temporaryFolder(t), name);
  if (Buffer.isBuffer(files)) await writeFile(path, files);
  else for (const file of files) await writePayloadFile(join(path, file.path), file);
  const scan = await scanPayload(path);
  const payload = layOutPayload({ ...scan, name, version, pieceLengthBytes });
  const hashes = await hashPayload({ path, payload, workers });
  const info = buildInfo(payload, hashes, { private: options.private ?? false });
  const { pieceLayers } = hashes;
  return { metainfo: parseMetainfo(buildMetainfo(info, { ...options, pieceLayers })), path };
}

async function writePayloadFile(path: string, file: PayloadFile): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  if (file.symlinkTarget !== undefined) {
    await symlink(file.symlinkTarget, path);
    return;
  }
  await writeFile(path, file.bytes ?? Buffer.alloc(0));
  await chmod(path, file.executable === true ? 0o755 : 0o644);
}

/** Every file below a path, with what a person would see of it. */
export async function contentsOf(path: string): Promise<Record<string, string>> {
  if ((await stat(path)).isFile()) return { "": digest(await readFile(path)) };
  const found: Record<string, string> = {};
  for (const entry of await readdir(path, { recursive: true, withFileTypes: true })) {
    const full = join(entry.parentPath, entry.name);
    const name = full.slice(path.length + 1);
    if (entry.isSymbolicLink()) found[name] = `-> ${await readlink(full)}`;
    else if (entry.isFile()) found[name] = `${(await stat(full)).mode & 0o100} ${digest(await readFile(full))}`;
  }
  return found;
}

function digest(bytes: Buffer): string {
  return createHash("sha256").update(bytes).digest("hex");
}

export async function seed(
  t: TestContext,
  { metainfo, path }: Published,
  options: Partial<TorrentOptions> = {},
  session?: Session,
): Promise<{ session: Session; torrent: Torrent; endpoint: Endpoint }> {
  const open = session ?? (await openSession(t));
  const torrent = open.add({ source: metainfo, mode: "seed", directory: dirname(path), path, ...options });
  await soon(torrent.ready, "the seed");
  return { session: open, torrent, endpoint: open.listen };
}

export async function download(
  t: TestContext,
  source: TorrentOptions["source"],
  peers: readonly Endpoint[],
  options: Partial<TorrentOptions> = {},
  session?: Session,
): Promise<{ session: Session; torrent: Torrent; endpoint: Endpoint; directory: string }> {
  const open = session ?? (await openSession(t));
  const directory = options.directory ?? (await temporaryFolder(t));
  const torrent = open.add({ source, mode: "download", directory, peers, ...options });
  return { session: open, torrent, endpoint: open.listen, directory };
}

/** The artifact is the payload, byte for byte, and every byte was counted once. */
export async function assertDelivered(torrent: Torrent, payload: Published): Promise<void> {
  const { path } = await soon(torrent.completed, "the download");
  assert.deepEqual(await contentsOf(path), await contentsOf(payload.path));
  const { bytes, totalBytes, haveBytes } = torrent.stats();
  assert.equal(totalBytes, payload.metainfo.layout.lengthBytes);
  assert.equal(haveBytes, totalBytes);
  assert.equal(bytes.sitePeers + bytes.otherPeers + bytes.webSeeds + bytes.local, totalBytes, JSON.stringify(bytes));
}
