import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, readdir, rename, truncate, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { test } from "node:test";
import { encodeMetainfo, magnetOf, parseMagnet } from "../metainfo/index.ts";
import { StorageWorkers } from "../storage/index.ts";
import type { FileFault } from "../storage/index.ts";
import { Session } from "./index.ts";
import {
  assertDelivered,
  download,
  FOLDER,
  next,
  openSession,
  publish,
  seed,
  SINGLE,
  soon,
  temporaryFolder,
  until,
  workers,
} from "./engine-fixture.test.ts";

function faulty(...faults: FileFault[]): StorageWorkers {
  return new StorageWorkers({ count: 1, faults });
}

test("a full disk is a warning; after retry() the download completes", async (t) => {
  const payload = await publish(t);
  const from = await seed(t, payload);
  const broken = faulty({ call: "write", code: "ENOSPC", times: 3 });
  t.after(() => broken[Symbol.asyncDispose]());
  const session = await openSession(t, { workers: broken });
  const { torrent } = await download(t, payload.metainfo, [from.endpoint], {}, session);
  const warnings: unknown[] = [];
  torrent.on("warning", (error) => warnings.push(error));
  await until(() => warnings.length > 0, "there is a warning");
  assert.equal((warnings[0] as { code: string }).code, "storage.disk-full");
  assert.equal(torrent.phase, "downloading");
  torrent.on("warning", () => torrent.retry());
  torrent.retry();
  await assertDelivered(torrent, payload);
  assert.equal(from.torrent.stats().bytes.uploaded, SINGLE.length, "nothing was fetched twice");
});

test("an artifact that cannot get its final name is a warning; after retry() it does", async (t) => {
  const payload = await publish(t);
  const from = await seed(t, payload, { maxUploadRate: 1_000_000 });
  const { torrent, directory } = await download(t, payload.metainfo, [from.endpoint]);
  await soon(torrent.ready, "the download");
  const squatter = join(directory, payload.metainfo.name);
  await writeFile(squatter, "somebody else's");
  const warning = await next(torrent, "warning");
  assert.equal((warning as { code: string }).code, "storage.exists");
  assert.notEqual(torrent.phase, "failed");
  await rename(squatter, `${squatter}.theirs`);
  torrent.retry();
  await assertDelivered(torrent, payload);
});

test("a seed whose file is cut short withdraws what it cannot read and serves the rest", async (t) => {
  const payload = await publish(t, { files: FOLDER });
  const from = await seed(t, payload);
  await truncate(join(payload.path, "bin/tool"), 1_000);
  const warned = next(from.torrent, "warning");
  const { torrent } = await download(t, payload.metainfo, [from.endpoint]);
  const code = ((await warned) as { code: string }).code;
  assert.ok(code === "storage.short" || code === "storage.changed", code);
  // Two files of a piece each are whole.
  await until(() => torrent.stats().haveBytes >= 40_033, "the rest is delivered");
  assert.equal(from.torrent.phase, "seeding");
  assert.equal(torrent.stats().bannedPeers, 0);
});

test("a seed whose file is altered in place sends none of it", async (t) => {
  const payload = await publish(t);
  const from = await seed(t, payload);
  await writeFile(payload.path, Buffer.alloc(SINGLE.length, 1));
  const failed = next(from.torrent, "failed");
  const { torrent } = await download(t, payload.metainfo, [from.endpoint]);
  assert.equal(((await failed) as { code: string }).code, "storage.changed");
  assert.equal(torrent.stats().bytes.hashFailed, 0);
  assert.equal(from.torrent.stats().bytes.uploaded, 0);
});

test("a file that cannot be opened for want of descriptors is tried again", async (t) => {
  const payload = await publish(t);
  const broken = faulty({ call: "open", code: "EMFILE", times: 1 });
  t.after(() => broken[Symbol.asyncDispose]());
  const from = await seed(t, payload, { verify: "none" }, await openSession(t, { workers: broken }));
  const { torrent } = await download(t, payload.metainfo, [from.endpoint]);
  await assertDelivered(torrent, payload);
});

test("a seed whose files do not match fails, gives back what it held, and may be added again", async (t) => {
  const payload = await publish(t);
  await truncate(payload.path, 100_000);
  const session = await openSession(t);
  const options = { source: payload.metainfo, mode: "seed", directory: "", path: payload.path } as const;
  const torrent = session.add(options);
  await assert.rejects(soon(torrent.ready, "the seed"), { code: "engine.incomplete-seed" });
  await assert.rejects(torrent.completed, { code: "engine.incomplete-seed" });
  await until(() => session.torrents.size === 0, "it left the session");
  await writeFile(payload.path, SINGLE);
  await soon(session.add(options).ready, "the seed");
});

test("a download into a folder that cannot be made fails and leaves no lock", async (t) => {
  const payload = await publish(t);
  const blocked = join(await temporaryFolder(t), "file");
  await writeFile(blocked, "");
  const session = await openSession(t);
  const torrent = session.add({ source: payload.metainfo, mode: "download", directory: join(blocked, "below") });
  await assert.rejects(soon(torrent.completed, "the failure"), { code: "storage.missing" });
  assert.equal(torrent.phase, "failed");
});

test("add() refuses a torrent that is here already by any of its info-hashes", async (t) => {
  const payload = await publish(t);
  const { session, torrent } = await download(t, payload.metainfo, []);
  const again = { mode: "download", directory: await temporaryFolder(t) } as const;
  for (const source of [payload.metainfo, parseMagnet(magnetOf(payload.metainfo))]) {
    assert.throws(() => session.add({ ...again, source }), { code: "engine.duplicate" });
  }
  await torrent[Symbol.asyncDispose]();
  session.add({ ...again, source: payload.metainfo });
});

test("add() with a signal that is aborted already stops at once", async (t) => {
  const payload = await publish(t);
  const session = await openSession(t);
  const reason = new Error("never mind");
  const directory = await temporaryFolder(t);
  const torrent = session.add({
    source: payload.metainfo,
    mode: "download",
    directory,
    signal: AbortSignal.abort(reason),
  });
  await assert.rejects(soon(torrent.completed, "the end"), reason);
  await until(() => session.torrents.size === 0, "it left the session");
  assert.deepEqual(await readdir(directory), []);
});

test("a signal stops a torrent in the middle, and the artifact can be opened by somebody else", async (t) => {
  const payload = await publish(t);
  const from = await seed(t, payload, { maxUploadRate: 65_536 });
  const abort = new AbortController();
  const first = await download(t, payload.metainfo, [from.endpoint], { signal: abort.signal });
  await next(first.torrent, "piece");
  abort.abort(new Error("enough"));
  await assert.rejects(soon(first.torrent.completed, "the end"), /enough/);
  await soon(first.torrent[Symbol.asyncDispose](), "the lock to be given up");
  from.torrent.setMaxUploadRate(null);
  const again = await download(t, payload.metainfo, [from.endpoint], { directory: first.directory });
  await assertDelivered(again.torrent, payload);
});

test("a torrent that is stopped while its files are checked, or before its metadata came, ends", async (t) => {
  const payload = await publish(t);
  const session = await openSession(t);
  const directory = await temporaryFolder(t);
  const magnet = session.add({ source: parseMagnet(magnetOf(payload.metainfo)), mode: "download", directory });
  await soon(magnet[Symbol.asyncDispose](), "the magnet link to stop");
  const checking = session.add({ source: payload.metainfo, mode: "seed", directory, path: payload.path });
  assert.equal(checking.phase, "checking");
  await soon(checking[Symbol.asyncDispose](), "the seed to stop");
  await assert.rejects(checking.ready, { code: "engine.stopped" });
  assert.equal(checking.phase, "stopped");
});

test("dispose may be called twice, with connections under way to nobody, and add() is refused after it", async (t) => {
  const payload = await publish(t);
  const session = await Session.open({ listen: { host: "127.0.0.1", port: 0 }, workers });
  // A server that accepts and says nothing, and an address where nobody answers.
  const silent = createServer().listen(0, "127.0.0.1");
  await once(silent, "listening");
  t.after(() => silent.close());
  const { port } = silent.address() as AddressInfo;
  const directory = await temporaryFolder(t);
  const peers = [
    { address: "127.0.0.1", port },
    { address: "192.0.2.1", port: 9 },
  ];
  session.add({ source: payload.metainfo, mode: "download", directory, peers });
  const connected = once(silent, "connection");
  await soon(connected, "the connection");
  await soon(Promise.all([session[Symbol.asyncDispose](), session[Symbol.asyncDispose]()]), "the end");
  assert.throws(() => session.add({ source: payload.metainfo, mode: "download", directory }), {
    code: "engine.closed",
  });
  assert.equal(session.bufferBytes, 0);
});

test("Session.open() refuses a port that is taken", async (t) => {
  const { listen } = await openSession(t, { listen: { port: 0 } });
  await assert.rejects(Session.open({ listen: { port: listen.port } }), { code: "net.listen" });
  await assert.rejects(Session.open({ listen: { host: "127.0.0.1", port: listen.port } }), { code: "net.listen" });
});

test("a process that seeded and downloaded ends by itself", async (t) => {
  const payload = await publish(t);
  const directory = await temporaryFolder(t);
  await mkdir(join(directory, "out"));
  const program = `
    import { Session } from ${JSON.stringify(new URL("./index.ts", import.meta.url).href)};
    import { parseMagnet, parseMetainfo } from ${JSON.stringify(new URL("../metainfo/index.ts", import.meta.url).href)};
    import { readFileSync } from "node:fs";
    const source = parseMetainfo(readFileSync(${JSON.stringify(join(directory, "t.torrent"))}));
    {
      await using a = await Session.open({ listen: { host: "127.0.0.1", port: 0 } });
      await using b = await Session.open({ listen: { host: "127.0.0.1", port: 0 } });
      await a.add({ source, mode: "seed", directory: "", path: ${JSON.stringify(payload.path)} }).ready;
      const magnet = parseMagnet("magnet:?xt=urn:btih:" + source.infoHashV1);
      const torrent = b.add({ source: magnet, mode: "download", directory: ${JSON.stringify(join(directory, "out"))}, peers: [a.listen] });
      console.log((await torrent.completed).path);
    }
    process.on("exit", () => console.log("ended by itself"));
  `;
  await writeFile(join(directory, "t.torrent"), encodeMetainfo(payload.metainfo));
  await writeFile(join(directory, "cycle.mts"), program);
  const child = spawn(process.execPath, [join(directory, "cycle.mts")], { stdio: ["ignore", "pipe", "inherit"] });
  t.after(() => child.kill());
  const output: Buffer[] = [];
  child.stdout.on("data", (bytes: Buffer) => output.push(bytes));
  const [code] = (await soon(once(child, "close"), "the process to end")) as [number];
  assert.equal(code, 0);
  assert.match(Buffer.concat(output).toString(), /out\/update\nended by itself\n$/);
});
