import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { test } from "node:test";
import type { MetainfoVersion } from "../metainfo/index.ts";
import { magnetOf, parseMagnet, formatMagnet } from "../metainfo/index.ts";
import {
  assertDelivered,
  download,
  FOLDER,
  openSession,
  publish,
  seed,
  SINGLE,
  soon,
  workers,
} from "./engine-fixture.test.ts";

const VERSIONS: readonly MetainfoVersion[] = ["1", "2", "hybrid"];

for (const version of VERSIONS) {
  test(`a file goes from a seed to a download: version ${version}`, async (t) => {
    const payload = await publish(t, { version });
    const from = await seed(t, payload);
    const { torrent } = await download(t, payload.metainfo, [from.endpoint]);
    await assertDelivered(torrent, payload);
    assert.equal(torrent.stats().bytes.sitePeers, SINGLE.length);
    assert.equal(from.torrent.stats().bytes.uploaded, SINGLE.length);
    assert.equal(torrent.phase, "seeding");
  });

  test(`a folder with links, empty files and non-ASCII names is delivered: version ${version}`, async (t) => {
    const payload = await publish(t, { version, files: FOLDER, name: "sätt" });
    const from = await seed(t, payload);
    const { torrent } = await download(t, payload.metainfo, [from.endpoint]);
    await assertDelivered(torrent, payload);
  });

  test(`a magnet link is enough: version ${version}`, async (t) => {
    const payload = await publish(t, { version, files: FOLDER });
    const from = await seed(t, payload);
    const magnet = parseMagnet(magnetOf(payload.metainfo));
    const { torrent } = await download(t, magnet, [from.endpoint]);
    await assertDelivered(torrent, payload);
    assert.deepEqual((await torrent.ready).infoBytes, payload.metainfo.infoBytes);
    const layers = [...(payload.metainfo.pieceLayers ?? new Map())];
    assert.deepEqual([...torrent.pieceLayers], layers, "the piece layers came from the peer");
  });
}

test("a magnet link of the v2 hash alone finds a hybrid torrent", async (t) => {
  const payload = await publish(t);
  const from = await seed(t, payload);
  const magnet = parseMagnet(formatMagnet({ ...payload.metainfo, name: null, infoHashV1: null, trackers: [] }));
  const { torrent } = await download(t, magnet, [from.endpoint]);
  await assertDelivered(torrent, payload);
  assert.equal(torrent.doors.length, 3);
});

test("a peer that is in the middle of a magnet link hands on the metadata when it has it", async (t) => {
  const payload = await publish(t);
  const magnet = parseMagnet(magnetOf(payload.metainfo));
  const first = await download(t, magnet, []);
  const second = await download(t, magnet, [first.endpoint]);
  const from = await seed(t, payload);
  first.torrent.addPeer(from.endpoint);
  await assertDelivered(first.torrent, payload);
  await assertDelivered(second.torrent, payload);
});

test("peers connect over IPv6", async (t) => {
  const payload = await publish(t);
  const from = await seed(t, payload, {}, await openSession(t, { listen: { host: "::1", port: 0 } }));
  const { torrent } = await download(t, payload.metainfo, [from.endpoint]);
  await assertDelivered(torrent, payload);
});

test("a session without an address listens on IPv6 and IPv4", async (t) => {
  const payload = await publish(t);
  const from = await seed(t, payload, {}, await openSession(t, { listen: { port: 0 } }));
  for (const address of ["127.0.0.1", "::1"]) {
    const { torrent } = await download(t, payload.metainfo, [{ address, port: from.endpoint.port }]);
    await assertDelivered(torrent, payload);
  }
});

test("a download that was stopped goes on where it was", async (t) => {
  const payload = await publish(t, { files: SINGLE });
  const from = await seed(t, payload, { maxUploadRate: 200_000 });
  const first = await download(t, payload.metainfo, [from.endpoint]);
  const { promise: hasSome, resolve } = Promise.withResolvers<void>();
  first.torrent.on("piece", ({ haveBytes }) => haveBytes > 60_000 && resolve());
  await soon(hasSome, "some pieces");
  await first.torrent[Symbol.asyncDispose]();
  assert.equal(first.torrent.phase, "stopped");
  await assert.rejects(first.torrent.completed, { code: "engine.stopped" });
  from.torrent.setMaxUploadRate(null);
  const again = await download(t, payload.metainfo, [from.endpoint], { directory: first.directory });
  await assertDelivered(again.torrent, payload);
  const { local, sitePeers } = again.torrent.stats().bytes;
  assert.ok(local > 60_000, `${local} bytes were kept`);
  assert.equal(local + sitePeers, SINGLE.length);
});

test("what is complete already is found and nobody is asked", async (t) => {
  const payload = await publish(t);
  const from = await seed(t, payload);
  const first = await download(t, payload.metainfo, [from.endpoint]);
  await assertDelivered(first.torrent, payload);
  await first.session[Symbol.asyncDispose]();
  const again = await download(t, payload.metainfo, [], { directory: first.directory });
  await assertDelivered(again.torrent, payload);
  assert.equal(again.torrent.stats().bytes.local, SINGLE.length);
  assert.equal(again.torrent.stats().seconds, null);
});

test("a download passes on what it has, and peers are told of each other", async (t) => {
  const payload = await publish(t);
  const from = await seed(t, payload, { maxUploadRate: 1_000_000 });
  const first = await download(t, payload.metainfo, [from.endpoint]);
  const second = await download(t, payload.metainfo, [first.endpoint]);
  await assertDelivered(second.torrent, payload);
  await assertDelivered(first.torrent, payload);
  assert.ok(first.torrent.stats().bytes.uploaded > 0);
  assert.ok(second.torrent.stats().knownPeers >= 2, "the seed was named by the other peer");
});

test("peers of a private torrent are not told of each other", async (t) => {
  const payload = await publish(t, { private: true });
  const from = await seed(t, payload, { maxUploadRate: 2_000_000 });
  const first = await download(t, payload.metainfo, [from.endpoint]);
  const second = await download(t, payload.metainfo, [first.endpoint]);
  await assertDelivered(second.torrent, payload);
  assert.equal(second.torrent.stats().knownPeers, 1);
  assert.equal(first.torrent.stats().bytes.uploaded, SINGLE.length);
});

test("pieces that are larger than the whole memory budget are delivered one by one", async (t) => {
  const payload = await publish(t, { pieceLengthBytes: 131_072 });
  const from = await seed(t, payload, {}, await openSession(t, { bufferBudgetBytes: 65_536, workers }));
  const { torrent } = await download(
    t,
    payload.metainfo,
    [from.endpoint],
    {},
    await openSession(t, { bufferBudgetBytes: 65_536 }),
  );
  await assertDelivered(torrent, payload);
  assert.deepEqual(await readFile((await torrent.completed).path), SINGLE);
});
