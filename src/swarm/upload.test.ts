import assert from "node:assert/strict";
import { test } from "node:test";
import { seededRandom, UPLOAD_QUEUE_MAX_BLOCKS, UPLOAD_UNANSWERED_MS } from "../core/index.ts";
import { layoutOfPieces, peerOf, Transcript } from "./fixture.test.ts";
import type { SwarmPeer } from "./peer.ts";
import { RarestOrder } from "./rarest-order.ts";
import { Upload, uploadRunBytes } from "./upload.ts";

const PIECES = 100;
const BLOCKS = 4;
const BLOCK = 16_384;

function uploadTo(count: number): { upload: Upload; peers: SwarmPeer[]; order: RarestOrder; transcript: Transcript } {
  const transcript = new Transcript();
  const peers = Array.from({ length: count }, (_, index) => {
    const peer = peerOf({ pieceCount: PIECES });
    peer.amChoking = false;
    transcript.names.set(peer, `p${index}`);
    return peer;
  });
  const order = new RarestOrder(PIECES);
  const upload = new Upload({
    peers: new Set(peers),
    layout: layoutOfPieces(PIECES, BLOCKS),
    order,
    random: seededRandom(1),
    effects: transcript,
    superSeed: null,
  });
  return { upload, peers, order, transcript };
}

function ask(upload: Upload, peer: SwarmPeer, piece: number): void {
  for (let block = 0; block < BLOCKS; block++) upload.requestReceived(peer, piece, block * BLOCK, BLOCK, true);
}

/** Serves so many blocks: to whom, by position. */
function serve(
  upload: Upload,
  peers: SwarmPeer[],
  count: number,
  canSend: (peer: SwarmPeer) => boolean = () => true,
): number[] {
  return Array.from({ length: count }, (_, now) => {
    const peer = upload.next(canSend);
    if (peer === null) return -1;
    upload.served(peer, now);
    return peers.indexOf(peer);
  });
}

test("Upload serves one piece to its end before it begins another", () => {
  const { upload, peers } = uploadTo(3);
  for (const peer of peers) ask(upload, peer, 7);
  assert.deepEqual(serve(upload, peers, 13), [0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, -1]);
});

test("Upload begins with the piece that the fewest have", () => {
  const { upload, peers, order } = uploadTo(2);
  order.increment(1);
  ask(upload, peers[0]!, 1);
  ask(upload, peers[1]!, 2);
  assert.equal(serve(upload, peers, 1)[0], 1);
});

test("Upload goes on with the piece of a peer that was held up as soon as it takes more", () => {
  const { upload, peers } = uploadTo(3);
  for (const peer of peers) ask(upload, peer, 7);
  assert.deepEqual(serve(upload, peers, 2), [0, 0]);
  assert.deepEqual(
    serve(upload, peers, 1, (peer) => peer !== peers[0]),
    [1],
  );
  assert.deepEqual(
    serve(upload, peers, 1, (peer) => peer === peers[2]),
    [2],
  );
  const next = serve(upload, peers, 8);
  assert.deepEqual(
    next.toSorted((a, b) => a - b),
    [0, 0, 1, 1, 1, 2, 2, 2],
  );
  assert.equal(new Set(next.slice(0, 3)).size, 1, "One at a time.");
});

test("Upload starves nobody: whoever asks for what everybody has gets a turn among those who ask for rare pieces", () => {
  const { upload, peers, order } = uploadTo(2);
  for (let piece = 50; piece < PIECES; piece++) order.increment(piece);
  ask(upload, peers[1]!, 99);
  const random = seededRandom(1);
  const served: number[] = [];
  while (served.length < 100) {
    if (peers[0]!.uploads.length === 0) ask(upload, peers[0]!, random.int(50));
    served.push(...serve(upload, peers, BLOCKS));
  }
  assert.ok(
    served.indexOf(1) >= 0 && served.indexOf(1) <= 10 * BLOCKS,
    `Its turn came after ${served.indexOf(1)} blocks.`,
  );
});

test("Upload starves nobody: a peer that never says what it has, and asks for more than it can take, does not have every turn", () => {
  const { upload, peers, order } = uploadTo(2);
  const [greedy, patient] = peers as [SwarmPeer, SwarmPeer];
  for (let piece = 0; piece < 50; piece++) patient.have.add(piece);
  order.increment(99);
  ask(upload, patient, 99);
  const served: number[] = [];
  for (let piece = 0; served.length < 160; piece++) {
    ask(upload, greedy, piece % 99);
    served.push(...serve(upload, peers, BLOCKS));
  }
  assert.ok(served.includes(1), "Its turn never came.");
});

test("Upload serves others too while one connection alone fills all that may be on its way", () => {
  const { upload, peers } = uploadTo(2);
  const [slow, other] = peers as [SwarmPeer, SwarmPeer];
  const pieceBytes = BLOCKS * BLOCK;
  let now = 0;
  // Its answers take so long that the budget shrinks to what one connection may hold.
  for (let piece = 0; piece < 20; piece++) {
    upload.budget.served(slow, piece, pieceBytes, now);
    now += 1_000;
    upload.budget.peerHave(slow, piece, now);
    upload.tick(now);
  }
  for (let piece = 20; piece < 24; piece++) upload.budget.served(slow, piece, pieceBytes, now);
  assert.ok(!upload.budget.room().answering);
  ask(upload, slow, 24);
  ask(upload, other, 25);
  assert.equal(
    upload.next((peer) => peer === other),
    other,
  );
});

test("Upload goes on serving who answers while others that never do fill all that may be on its way", () => {
  const { upload, peers } = uploadTo(6);
  const [honest, ...mute] = peers as [SwarmPeer, ...SwarmPeer[]];
  const pieceBytes = BLOCKS * BLOCK;
  upload.budget.served(honest, 0, pieceBytes, 0);
  upload.budget.peerHave(honest, 0, 10);
  for (const peer of mute) for (let piece = 1; piece < 9; piece++) upload.budget.served(peer, piece, pieceBytes, 20);
  assert.ok(!upload.budget.room().others);
  ask(upload, mute[0]!, 30);
  ask(upload, honest, 31);
  assert.deepEqual(serve(upload, peers, 2 * BLOCKS), [0, 0, 0, 0, -1, -1, -1, -1]);
  // Who once does not answer in time is one of them, whatever it says afterwards.
  assert.ok(upload.budget.unanswered.answers(honest));
  upload.tick(UPLOAD_UNANSWERED_MS + 30);
  upload.budget.peerHave(honest, 31, UPLOAD_UNANSWERED_MS + 40);
  assert.ok(!upload.budget.unanswered.answers(honest));
});

test("Upload ends a turn after a piece's length, whatever the peer goes on asking for", () => {
  const { upload, peers } = uploadTo(2);
  for (let round = 0; round < 20; round++) upload.requestReceived(peers[0]!, 7, 0, BLOCK, true);
  ask(upload, peers[1]!, 8);
  assert.deepEqual(serve(upload, peers, 8), [0, 0, 0, 0, 1, 1, 1, 1]);
});

test("Upload takes the same turns whether a peer's blocks are served one by one or in runs", () => {
  const serving = (bytesMax: number): number[] => {
    const { upload, peers } = uploadTo(3);
    for (const [index, peer] of peers.entries()) for (const piece of [index, 3, 4]) ask(upload, peer, piece);
    // Asked for twice: the turn ends after a piece's length all the same.
    ask(upload, peers[0]!, 4);
    const blocks: number[] = [];
    for (let now = 0; blocks.length < 10 * BLOCKS; now = blocks.length) {
      const peer = upload.next(() => true);
      if (peer === null) break;
      const lengthBytes = uploadRunBytes(peer, layoutOfPieces(PIECES, BLOCKS), bytesMax);
      upload.served(peer, now, lengthBytes);
      blocks.push(...Array.from({ length: lengthBytes / BLOCK }, () => peers.indexOf(peer)));
    }
    return blocks;
  };
  assert.deepEqual(serving(Infinity), serving(0));
  assert.deepEqual(serving(2 * BLOCK), serving(0));
});

test("Upload rejects what it will not serve, where the peer understands that", () => {
  const { upload, peers, transcript } = uploadTo(2);
  const [fast, slow] = [peers[0]!, peerOf({ fast: false, pieceCount: PIECES })];
  slow.amChoking = false;
  assert.ok(!upload.requestReceived(fast, 3, 0, BLOCK, false), "not had");
  assert.ok(!upload.requestReceived(fast, 3, 0, BLOCK + 1, true), "too long");
  assert.ok(!upload.requestReceived(fast, PIECES, 0, BLOCK, true), "no such piece");
  assert.ok(!upload.requestReceived(slow, 3, 0, BLOCK, false));
  upload.choke(fast, true);
  assert.ok(!upload.requestReceived(fast, 3, 0, BLOCK, true), "choked");
  assert.deepEqual(transcript.take(/reject/), ["p0 reject 3:0", "p0 reject 3:0", "p0 reject 100:0", "p0 reject 3:0"]);
});

test("Upload rejects requests beyond the announced reqq", () => {
  const { upload, peers, transcript } = uploadTo(1);
  for (let index = 0; index < UPLOAD_QUEUE_MAX_BLOCKS; index++) ask(upload, peers[0]!, index % PIECES);
  assert.equal(peers[0]!.uploads.length, UPLOAD_QUEUE_MAX_BLOCKS);
  assert.equal(transcript.take(/reject/).length, 3 * UPLOAD_QUEUE_MAX_BLOCKS);
});

test("Upload answers a cancel and a choke by rejects, and a late cancel by nothing", () => {
  const { upload, peers, transcript } = uploadTo(1);
  ask(upload, peers[0]!, 7);
  upload.cancelReceived(peers[0]!, 7, BLOCK, BLOCK);
  upload.cancelReceived(peers[0]!, 7, BLOCK, BLOCK);
  assert.deepEqual(transcript.take(), ["p0 reject 7:1"]);
  upload.choke(peers[0]!, true);
  assert.deepEqual(transcript.take(), ["p0 choke", "p0 reject 7:0", "p0 reject 7:2", "p0 reject 7:3"]);
  assert.equal(
    upload.next(() => true),
    null,
  );
});

test("Upload takes a piece that cannot be read any more out of every queue", () => {
  const { upload, peers, transcript } = uploadTo(2);
  ask(upload, peers[0]!, 7);
  ask(upload, peers[0]!, 8);
  ask(upload, peers[1]!, 7);
  upload.withdraw(7);
  assert.equal(transcript.take(/reject 7:/).length, 8);
  assert.deepEqual(serve(upload, peers, 5), [0, 0, 0, 0, -1]);
});

/** One that fell behind and asks for a common piece, one of the others that asks for a rare one. */
function lateAndEarly(answers = true): ReturnType<typeof uploadTo> {
  const made = uploadTo(4);
  const [late, ...others] = made.peers as [SwarmPeer, ...SwarmPeer[]];
  for (let piece = 0; piece < 40; piece++) {
    for (const peer of piece < 10 ? made.peers : others) peer.have.add(piece);
  }
  made.upload.budget.served(late, 0, BLOCKS * BLOCK, 0);
  if (answers) made.upload.budget.peerHave(late, 0, 10);
  for (let copies = 0; copies < 3; copies++) made.order.increment(50);
  ask(made.upload, late, 50);
  ask(made.upload, others[0]!, 51);
  made.upload.tick(0);
  return made;
}

test("Upload serves who fell behind the others before rarity", () => {
  const { upload, peers } = lateAndEarly();
  assert.deepEqual(serve(upload, peers, 2 * BLOCKS), [0, 0, 0, 0, 1, 1, 1, 1]);
});

test("Upload does not take a peer for late that does not answer: it waits behind the others", () => {
  const { upload, peers } = lateAndEarly(false);
  for (const at of [2, 3]) ask(upload, peers[at]!, 50 + at);
  const served = serve(upload, peers, 4 * BLOCKS).filter((_, index) => index % BLOCKS === 0);
  assert.deepEqual(new Set(served), new Set([0, 1, 2, 3]));
  assert.equal(served.at(-1), 0);
});

test("Upload does not put a late peer first that brings little of what the others do", () => {
  const { upload, peers } = lateAndEarly();
  for (const peer of peers.slice(1)) peer.downRate.add(1_000_000, 0);
  upload.tick(0);
  assert.deepEqual(serve(upload, peers, 2 * BLOCKS), [1, 1, 1, 1, 0, 0, 0, 0]);
});
