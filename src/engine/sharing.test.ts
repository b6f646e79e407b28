import assert from "node:assert/strict";
import { test, type TestContext } from "node:test";
import type { Endpoint } from "../core/index.ts";
import { encodeCompact } from "../core/index.ts";
import { encode } from "../bencode/index.ts";
import { deriveTwin, parseInfo } from "../metainfo/index.ts";
import type { Info, Metainfo } from "../metainfo/index.ts";
import {
  assertDelivered,
  download,
  FOLDER,
  noise,
  openSession,
  publish,
  seed,
  soon,
  until,
} from "./engine-fixture.test.ts";
import type { Published } from "./engine-fixture.test.ts";
import { serveHttp } from "./http-server.test.ts";
import { listen } from "./wire-peer.test.ts";

/** The v1 twin as somebody has it who knows nothing of the hybrid torrent. */
function twinOf({ metainfo }: Published): Metainfo {
  const info: Info = parseInfo(deriveTwin(metainfo));
  const nothing = { comment: null, createdBy: null, creationDate: null };
  return { ...info, pieceLayers: null, trackers: [], webSeeds: [], ...nothing };
}

test("a hybrid torrent bridges those who came by its twin, by v1 and by v2", async (t) => {
  const payload = await publish(t, { files: FOLDER });
  const from = await seed(t, payload, { maxUploadRate: 1_000_000 });
  // The bridge has the hybrid torrent; the others reach nobody but the bridge.
  const bridge = await download(t, payload.metainfo, [from.endpoint]);
  const byTwin = await download(t, twinOf(payload), [bridge.endpoint]);
  await assertDelivered(byTwin.torrent, { ...payload, metainfo: twinOf(payload) });
  await assertDelivered(bridge.torrent, payload);
  assert.equal(byTwin.torrent.doors.length, 1);
  // And the other way round: the twin's peer is the only source.
  await from.session[Symbol.asyncDispose]();
  await bridge.session[Symbol.asyncDispose]();
  const again = await download(t, payload.metainfo, []);
  const throughTwin = await download(t, payload.metainfo, []);
  again.torrent.addPeer(byTwin.endpoint);
  throughTwin.torrent.addPeer(again.endpoint);
  await assertDelivered(again.torrent, payload);
  await assertDelivered(throughTwin.torrent, payload);
});

test("a super-seed hands out about one copy to two downloads that have each other", async (t) => {
  const files = noise(1 << 20, "large");
  const payload = await publish(t, { files, pieceLengthBytes: 32_768 });
  const from = await seed(t, payload, { superSeed: true, maxUploadRate: 2_000_000 });
  const a = await download(t, payload.metainfo, [from.endpoint]);
  const b = await download(t, payload.metainfo, [from.endpoint, a.endpoint]);
  await assertDelivered(a.torrent, payload);
  await assertDelivered(b.torrent, payload);
  const copies = from.torrent.stats().bytes.uploaded / files.length;
  assert.ok(copies >= 1 && copies < 1.2, `${copies} copies`);
});

test("a super-seed leaves a latecomer to those that are complete, who stay connected to it", async (t) => {
  const files = noise(1 << 20, "large");
  const payload = await publish(t, { files, pieceLengthBytes: 32_768 });
  const from = await seed(t, payload, { superSeed: true, maxUploadRate: 2_000_000 });
  const a = await download(t, payload.metainfo, [from.endpoint]);
  const b = await download(t, payload.metainfo, [from.endpoint, a.endpoint]);
  await Promise.all([assertDelivered(a.torrent, payload), assertDelivered(b.torrent, payload)]);
  const late = await download(t, payload.metainfo, [from.endpoint, a.endpoint, b.endpoint]);
  await assertDelivered(late.torrent, payload);
  const copies = from.torrent.stats().bytes.uploaded / files.length;
  assert.ok(copies >= 1 && copies < 1.2, `${copies} copies`);
});

for (const side of ["maxUploadRate", "maxDownloadRate"] as const) {
  test(`a torrent's ${side} holds on average`, async (t) => {
    const files = noise(1 << 20, "large");
    const payload = await publish(t, { files });
    const rate = 2_000_000;
    const isUp = side === "maxUploadRate";
    const from = await seed(t, payload, isUp ? { maxUploadRate: rate } : {});
    const { torrent } = await download(t, payload.metainfo, [from.endpoint], isUp ? {} : { maxDownloadRate: rate });
    await assertDelivered(torrent, payload);
    const seconds = torrent.stats().seconds ?? 0;
    // The bucket is full at the start, so it may be a little faster; how much slower is the machine's affair.
    const fastest = (files.length / rate) * 0.75;
    assert.ok(seconds > fastest, `${seconds} s is faster than the limit`);
    assert.ok(seconds < 10, `${seconds} s`);
  });
}

test("a rate of 0 sends nothing, and raising it goes on at once", async (t) => {
  const payload = await publish(t);
  const from = await seed(t, payload);
  from.session.setMaxUploadRate(0);
  const { torrent } = await download(t, payload.metainfo, [from.endpoint]);
  await until(() => from.torrent.stats().peers === 1, "they are connected");
  await until(() => torrent.stats().peers === 1 && torrent.phase === "downloading", "the download waits");
  await new Promise((resolve) => setImmediate(resolve));
  assert.equal(torrent.stats().haveBytes, 0);
  from.session.setMaxUploadRate(null);
  await assertDelivered(torrent, payload);
});

test("a download rate of 0 receives nothing until it is lifted", async (t) => {
  const files = noise(4 << 20, "large");
  const payload = await publish(t, { files });
  const from = await seed(t, payload);
  const session = await openSession(t, { maxDownloadRate: 0 });
  const { torrent } = await download(t, payload.metainfo, [from.endpoint], {}, session);
  await until(() => from.torrent.stats().peers === 1, "they are connected");
  session.setMaxDownloadRate(null);
  await assertDelivered(torrent, payload);
});

interface TestTracker {
  readonly url: string;
  readonly events: Map<string, string[]>;
}

/** An HTTP tracker that names `peers` to everybody; the first `failures` announces find it down. */
async function serveTracker(t: TestContext, peers: readonly Endpoint[], failures = 0): Promise<TestTracker> {
  const events = new Map<string, string[]>();
  let left = failures;
  const { url } = await serveHttp(t, (request, response) => {
    if (left-- > 0) {
      response.writeHead(503).end();
      return;
    }
    const query = new URLSearchParams((request.url ?? "").replace(/^[^?]*\?/, "").replace(/info_hash=[^&]*&?/, ""));
    const raw = /info_hash=([^&]*)/.exec(request.url ?? "")?.[1] ?? "";
    const told = events.get(raw) ?? [];
    events.set(raw, [...told, query.get("event") ?? ""]);
    response.end(encode({ interval: 1800, peers: Buffer.concat(peers.map((peer) => encodeCompact(peer))) }));
  });
  return { url: `${url}/announce`, events };
}

test("a failed announce is no harm, and every door is announced from start to stop", async (t) => {
  const payload = await publish(t);
  const from = await seed(t, payload);
  const tracker = await serveTracker(t, [from.endpoint], 1);
  const { torrent } = await download(t, payload.metainfo, [], { trackers: [tracker.url] });
  await assertDelivered(torrent, payload);
  assert.equal(torrent.doors.length, 3);
  await until(() => tracker.events.size >= 2, "more than one door is announced");
  await until(() => [...tracker.events.values()].some((told) => told.includes("completed")), "completion is told");
  await soon(torrent[Symbol.asyncDispose](), "the torrent to stop");
  for (const told of tracker.events.values()) {
    assert.equal(told[0], "started");
    assert.equal(told.at(-1), "stopped");
  }
});

test("two seeds that meet part, and do not meet again and again", async (t) => {
  const payload = await publish(t);
  const a = await seed(t, payload);
  const other = await listen(t, { infoHash: payload.metainfo.infoHashV1 ?? assert.fail() });
  a.torrent.addPeer(other.endpoint);
  await until(() => other.peers.length === 1, "they are connected");
  await soon(other.peers[0]?.closed ?? assert.fail(), "they part");
  const b = await download(t, payload.metainfo, [a.endpoint]);
  await assertDelivered(b.torrent, payload);
  assert.equal(other.peers.length, 1);
});
