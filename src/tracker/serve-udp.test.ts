import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { parseUdpReply, writeUdpConnectRequest } from "../announce/index.ts";
import { seededRandom } from "../core/index.ts";
import { createTracker } from "./create-tracker.ts";
import type { Tracker, TrackerOptions } from "./create-tracker.ts";
import { announceBytes, UdpProbe } from "./test-clients.test.ts";

const open = (options: TrackerOptions = {}): Promise<Tracker> =>
  createTracker({ udp: { host: "127.0.0.1", port: 0 }, random: seededRandom(1), ...options });

async function probeOf(tracker: Tracker, localAddress?: string): Promise<UdpProbe> {
  const endpoint = tracker.udp[0];
  assert.ok(endpoint !== undefined);
  return UdpProbe.open(endpoint, localAddress);
}

test("serveUdp() meets forged, foreign and expired connection ids with silence", async () => {
  let nowMs = 1_000_000;
  await using tracker = await open({ clock: { now: () => nowMs, wallMs: () => 0 } });
  await using probe = await probeOf(tracker);
  await using stranger = await probeOf(tracker, "127.0.0.2");
  const id = await probe.connect();
  const forged = announceBytes({ high: id.high, low: (id.low ^ 1) >>> 0 });
  assert.deepEqual(await probe.answersTo([forged, announceBytes({ high: 0, low: 0 })]), []);
  assert.deepEqual(await stranger.answersTo([announceBytes(id)]), [], "an id of another address");
  assert.equal(tracker.stats().peers, 0);
  nowMs += 120_000;
  assert.equal((await probe.answersTo([announceBytes(id)])).length, 1, "valid for two minutes");
  nowMs += 1000;
  assert.deepEqual(await probe.answersTo([announceBytes(id)]), [], "and not longer");
  assert.equal(tracker.stats().ignored, 4);
});

test("serveUdp() sends nothing longer than the request to a sender without a connection id, and nothing for garbage", async () => {
  await using tracker = await open();
  await using probe = await probeOf(tracker);
  const connectLike = fc.uint8Array({ maxLength: 40 }).map((tail) => {
    const head = Buffer.alloc(16);
    writeUdpConnectRequest(head, 3);
    return Buffer.concat([head, tail]);
  });
  const actionLike = fc.tuple(fc.uint8Array({ minLength: 16, maxLength: 1400 }), fc.nat(4)).map(([noise, action]) => {
    const bytes = Buffer.from(noise);
    bytes.writeUInt32BE(action, 8);
    return bytes;
  });
  const noise = fc.uint8Array({ maxLength: 200 }).map((bytes) => Buffer.from(bytes));
  await fc.assert(
    fc.asyncProperty(fc.oneof(connectLike, actionLike, noise), async (datagram) => {
      const answers = await probe.answersTo([datagram]);
      const sent = answers.reduce((sum, answer) => sum + answer.length, 0);
      assert.ok(sent <= datagram.length, `${sent} bytes for ${datagram.length}`);
      const isConnect = datagram.length >= 16 && datagram.toString("hex", 0, 12) === "000004172710198000000000";
      assert.equal(answers.length, isConnect ? 1 : 0);
    }),
    { numRuns: 300 },
  );
  assert.equal(tracker.stats().peers, 0);
});

test("serveUdp() lists the source address, whatever address the announce claims", async () => {
  await using tracker = await open();
  await using probe = await probeOf(tracker);
  await using other = await probeOf(tracker, "127.0.0.2");
  const claiming = announceBytes(await probe.connect());
  claiming.writeUInt32BE(0xc000_0201, 84);
  await probe.send(claiming);
  const reply = parseUdpReply(await other.send(announceBytes(await other.connect(), { port: 7000 })), "ipv4");
  assert.ok(reply.action === "announce");
  assert.deepEqual(reply.reply.peers, [{ address: "127.0.0.1", port: 6881 }]);
});

test("serveUdp() tells a proven sender what is wrong, and ignores options behind the announce", async () => {
  await using tracker = await open();
  await using probe = await probeOf(tracker);
  const id = await probe.connect();
  const short = parseUdpReply(await probe.send(announceBytes(id).subarray(0, 97)), "ipv4");
  assert.ok(short.action === "error" && short.transactionId === 7 && short.message.includes("98"));
  const port = parseUdpReply(await probe.send(announceBytes(id, { port: 0 })), "ipv4");
  assert.ok(port.action === "error");
  const options = Buffer.concat([announceBytes(id), Buffer.from([2, 9, ...Buffer.from("/announce"), 0])]);
  assert.equal(parseUdpReply(await probe.send(options), "ipv4").action, "announce");
});

test("serveUdp() answers an IPv4 sender on a dual-stack socket as IPv4", async () => {
  await using tracker = await open({ udp: { host: "::", port: 0 } });
  await using probe = await UdpProbe.open({ address: "127.0.0.1", port: tracker.udp[0]?.port ?? 0 });
  const id = await probe.connect();
  await probe.send(announceBytes(id));
  const reply = await probe.send(announceBytes(id, { port: 6882 }));
  assert.equal(reply.length, 26);
  assert.equal(reply.toString("hex", 20), "7f0000011ae1");
});
