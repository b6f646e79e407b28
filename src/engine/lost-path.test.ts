import assert from "node:assert/strict";
import { test } from "node:test";
import {
  PATH_PATIENCE_FORGOTTEN_MS,
  PATH_SILENT_MS,
  STALE_CONNECTION_MS,
  systemClock,
  TICK_MS,
} from "../core/index.ts";
import type { Clock } from "../core/index.ts";
import { assertDelivered, download, openSession, publish, seed, SINGLE, soon, until } from "./engine-fixture.test.ts";
import { LostPaths } from "./lost-path.ts";
import type { PathEnd } from "./lost-path.ts";
import { listen } from "./wire-peer.test.ts";

const NOW = 100_000;
const LONG_AGO = NOW - PATH_SILENT_MS - 1;

const WAITING = { amInterested: true, peerChoking: false, snubbed: false };
type Said = Partial<typeof WAITING>;

function pathEnd(heardAt: number, askedAt: number | null, said: Said = {}): PathEnd {
  const peer = { ...WAITING, ...said, requests: { oldestSentAt: askedAt ?? Infinity } };
  return { connection: { silentMs: (now) => now - heardAt }, peer };
}

/** Of a download that has not lost one yet. */
function lost(sessions: readonly PathEnd[], heardAt: number = LONG_AGO): readonly PathEnd[] {
  return new LostPaths().find(sessions, heardAt, NOW);
}

test("LostPaths names whoever owes blocks where nobody says anything", () => {
  const owing = pathEnd(LONG_AGO, LONG_AGO);
  const takenBack = pathEnd(LONG_AGO, null, { snubbed: true });
  const idle = pathEnd(LONG_AGO, null);
  const early: PathEnd = { connection: { silentMs: (now) => now - LONG_AGO }, peer: null };
  assert.deepEqual(lost([owing, takenBack, idle, early]), [owing, takenBack]);
});

test("LostPaths names nobody where one still speaks, and nobody who was asked just now, or owes nothing", () => {
  assert.deepEqual(lost([pathEnd(LONG_AGO, LONG_AGO), pathEnd(NOW - 1_000, null)]), []);
  assert.deepEqual(lost([pathEnd(LONG_AGO, LONG_AGO)], NOW - 1_000), [], "A web seed speaks.");
  assert.deepEqual(lost([pathEnd(LONG_AGO, NOW - 1_000)]), []);
  assert.deepEqual(lost([pathEnd(LONG_AGO, null)]), []);
  assert.deepEqual(lost([pathEnd(LONG_AGO, null, { snubbed: true, peerChoking: true })]), []);
  assert.deepEqual(lost([pathEnd(LONG_AGO, null, { snubbed: true, amInterested: false })]), []);
  assert.deepEqual(lost([]), []);
});

test("LostPaths waits twice as long each time, since a seed may be slow, and forgets that after a while", () => {
  const paths = new LostPaths();
  const isLost = (silentMs: number, now: number): boolean =>
    paths.find([pathEnd(now - silentMs, now - silentMs)], -Infinity, now).length > 0;
  assert.ok(isLost(PATH_SILENT_MS + 1, NOW));
  assert.ok(!isLost(PATH_SILENT_MS + 1, NOW + 1));
  assert.ok(isLost(2 * PATH_SILENT_MS + 1, NOW + 1));
  assert.ok(!isLost(2 * PATH_SILENT_MS + 1, NOW + 2));
  assert.ok(isLost(PATH_SILENT_MS + 1, NOW + 2 + PATH_PATIENCE_FORGOTTEN_MS));
});

test("the other end takes a new connection by the time it is made", () => {
  assert.ok(PATH_SILENT_MS > STALE_CONNECTION_MS + TICK_MS);
});

/** Runs as fast as time does until it is put forward. */
function clockWithLeaps(): Clock & { leapMs: number } {
  const clock = {
    leapMs: 0,
    now: () => systemClock.now() + clock.leapMs,
    wallMs: () => systemClock.wallMs() + clock.leapMs,
  };
  return clock;
}

test("a download whose peers have all fallen silent connects to them anew, and goes on", async (t) => {
  const payload = await publish(t);
  const { infoHashV1: infoHash } = payload.metainfo;
  assert.ok(infoHash !== null);
  const clock = clockWithLeaps();
  let isSilent = true;
  const answer = (piece: number, begin: number, lengthBytes: number): Buffer | null =>
    isSilent ? null : Buffer.from(SINGLE.subarray(piece * 32_768 + begin, piece * 32_768 + begin + lengthBytes));
  const peer = await listen(t, { infoHash, answer });
  const { torrent } = await download(t, payload.metainfo, [peer.endpoint], {}, await openSession(t, { clock }));
  await until(() => (peer.peers[0]?.requests.length ?? 0) > 0, "something is asked for");
  isSilent = false;
  clock.leapMs = PATH_SILENT_MS + 1_000;
  await soon(peer.peers[0]?.closed ?? Promise.reject(new Error("nobody came")), "the dead connection is closed");
  await assertDelivered(torrent, payload);
  assert.equal(peer.peers.length, 2);
});

test("whoever is not listened to, for the sake of a rate, is not silent", async (t) => {
  const files = SINGLE.subarray(0, 49_152);
  const payload = await publish(t, { files, pieceLengthBytes: 16_384 });
  const { infoHashV1: infoHash } = payload.metainfo;
  assert.ok(infoHash !== null);
  const begin = systemClock.now();
  // Ten times as fast, and a block takes a while longer than PATH_SILENT_MS.
  const clock: Clock = { now: () => begin + (systemClock.now() - begin) * 10, wallMs: () => systemClock.wallMs() };
  const session = await openSession(t, { clock });
  const blockOf = (piece: number): Buffer => Buffer.from(files.subarray(piece * 16_384, (piece + 1) * 16_384));
  const asked: number[] = [];
  const peer = await listen(t, {
    infoHash,
    pieceCount: 3,
    // The first one is free: a limiter saves up as much.
    answer: (piece) => (asked.push(piece) <= 2 ? blockOf(piece) : null),
  });
  const maxDownloadRate = 16_384_000 / (1.5 * PATH_SILENT_MS);
  const { torrent } = await download(t, payload.metainfo, [peer.endpoint], { maxDownloadRate }, session);
  const begunAt = clock.now();
  // It pays for the second block while the third one lies in its socket.
  await until(() => torrent.stats().haveBytes === 32_768 && asked.length === 3, "two blocks are here");
  peer.peers[0]?.sendBlock(asked[2] ?? 0, 0, blockOf(asked[2] ?? 0));
  await assertDelivered(torrent, payload);
  assert.ok(clock.now() - begunAt > PATH_SILENT_MS, "it was held up");
  assert.equal(peer.peers.length, 1);
});

test("who waits for a turn at a seed of ours that is slower than that keeps its connection", async (t) => {
  // A piece takes eighty seconds by the clock, and each of the three waits for the others' turns.
  const payload = await publish(t, { files: SINGLE.subarray(0, 98_304), pieceLengthBytes: 32_768 });
  const begin = systemClock.now();
  const clock: Clock = { now: () => begin + (systemClock.now() - begin) * 10, wallMs: () => systemClock.wallMs() };
  const { endpoint } = await seed(t, payload, { maxUploadRate: 400 }, await openSession(t, { clock }));
  const reasons: string[] = [];
  const log = {
    write: (_level: string, _event: string, { reason }: { readonly reason?: unknown } = {}) =>
      void reasons.push(String(reason)),
  };
  const sessions = await Promise.all([1, 2, 3].map(() => openSession(t, { clock, log })));
  const peers = [endpoint];
  const torrents = await Promise.all(sessions.map((session) => download(t, payload.metainfo, peers, {}, session)));
  await until(() => clock.now() - begin > 3 * PATH_SILENT_MS, "several turns have passed");
  assert.ok(torrents.some(({ torrent }) => torrent.stats().haveBytes < 98_304));
  // They find each other, too, and close what they have twice.
  assert.ok(!reasons.some((reason) => reason.startsWith("Nothing comes")));
});
