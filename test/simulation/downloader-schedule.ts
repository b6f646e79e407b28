// One schedule of one downloader among peers that follow no policy but chance (Ordeal), and the calm afterwards, in which
// it must get whatever an honest peer has.

import assert from "node:assert/strict";
import { Ordeal } from "./ordeal.ts";
import type { Remote } from "./remote.ts";
import type { ScheduleResult, Trace } from "./schedule.ts";

const STEPS = 400;
const REMOTES_MAX = 6;
/** Several times as long as a lost request is waited for. */
const CALM_MS = 600_000;

/** @throws AssertionError of an invariant that the seed breaks */
export function endureDownloader(seed: number, trace: Trace): ScheduleResult {
  const ordeal = new Ordeal(seed, trace);
  let steps = 0;
  for (; steps < STEPS && !ordeal.swarm.isComplete; steps++) {
    happen(ordeal);
    ordeal.verify();
  }
  trace?.("calm");
  steps += calm(ordeal);
  const { otherPeers } = ordeal.swarm.accounts.counts();
  assert.equal(otherPeers, ordeal.swarm.haveBytes, "What came of use is what is here, once.");
  return { steps, banned: ordeal.bannedLiars.size };
}

/** One thing, by chance, of all that can happen to a download. */
function happen(ordeal: Ordeal): void {
  const { random, swarm, remotes } = ordeal;
  const remote = [...remotes][random.int(Math.max(1, remotes.size))];
  const piece = random.int(ordeal.layout.pieceCount);
  const deed = random.int(24);
  if (deed <= 1 && remotes.size < REMOTES_MAX)
    ordeal.connect(random.int(3) === 0, random.int(3) === 0 ? "all" : "some");
  else if (deed === 2) ordeal.check();
  else if (deed === 3) pass(ordeal, random.int(20) === 0 ? 130_000 : random.int(9_000));
  else if (remote === undefined) return;
  else if (deed === 4 && random.int(4) === 0) ordeal.leave(remote);
  else if (deed === 5) ordeal.choke(remote, random.int(4) === 0);
  else if (deed === 6 && remote.fast) rejectOne(ordeal, remote);
  else if (deed === 7) {
    remote.pieces.add(piece);
    swarm.peerHave(remote.peer, piece, ordeal.now);
  } else if (deed === 8) {
    remote.pieces.delete(piece);
    swarm.peerDontHave(remote.peer, piece);
  } else if (deed === 9) {
    // A block that nobody asked for.
    const begin = random.int(2) * 16_384;
    assert.equal(swarm.acceptsBlock(remote.peer, piece, begin + 1, 16_384), false);
  } else if (deed < 17) ordeal.beginBlock(remote, random.int(remote.queue.length + 1));
  else ordeal.endBlock(remote);
}

function rejectOne(ordeal: Ordeal, remote: Remote): void {
  const keys = new Set([...remote.owes, ...remote.cancelled]);
  const at = remote.queue.find((one) => keys.has(`${one.piece}:${one.block}`));
  if (at !== undefined) ordeal.reject(remote, at);
}

function pass(ordeal: Ordeal, ms: number): void {
  ordeal.now += ms;
  ordeal.swarm.tick(ordeal.now);
}

/**
 * One honest peer serves what it has, but for a few requests that it loses; the others serve (liars go on lying), choke,
 * or stay connected and say nothing. Now every piece that the honest one has must come. How many rounds it took.
 */
function calm(ordeal: Ordeal): number {
  const { random, swarm } = ordeal;
  const end = ordeal.now + CALM_MS;
  const others = [...ordeal.remotes];
  const honest = ordeal.connect(false, random.int(2) === 0 ? "all" : "some");
  honest.peer.reqq = 1 + random.int(20);
  const serving = new Set([honest, ...others.filter(() => random.int(2) === 0)]);
  for (const other of others) if (serving.has(other) || random.int(2) === 0) ordeal.choke(other, !serving.has(other));
  ordeal.choke(honest, false);
  honest.queue.splice(0, random.int(3));
  const isOver = (): boolean => [...honest.pieces].every((piece) => swarm.have.has(piece));
  let rounds = 0;
  for (; !isOver() && ordeal.now < end; rounds++) {
    for (const remote of serving) if (ordeal.remotes.has(remote)) serve(ordeal, remote);
    ordeal.check();
    ordeal.verify();
    pass(ordeal, 100);
  }
  assert.ok(isOver(), `Of ${honest.pieces.size} pieces that a peer has, some never come.`);
  return rounds;
}

function serve(ordeal: Ordeal, remote: Remote): void {
  ordeal.endBlock(remote);
  while (remote.queue.length > 0) {
    ordeal.beginBlock(remote, 0);
    ordeal.endBlock(remote);
  }
}
