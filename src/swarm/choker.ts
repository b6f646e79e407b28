// Whom to unchoke. A policy is one function: peers in, the set to unchoke out.
//
// `cooperative` is for a fleet: everybody wants everybody to finish, so everybody who is interested is served, up to the
// connection limit. `reciprocal` is for strangers (BEP 3): the best givers (for a seed: the fastest takers), plus one
// picked at random now and then, so that newcomers get a start and better partners are found.

import { RECIPROCAL_SLOTS } from "../core/index.ts";
import type { Random } from "../core/index.ts";
import type { SwarmPeer } from "./peer.ts";

export type ChokingPolicy = "cooperative" | "reciprocal";

const CHOKE_ROUND_MS = 10_000;
const OPTIMISTIC_ROUNDS = 3;

export interface ChokeRound {
  readonly policy: ChokingPolicy;
  readonly peers: ReadonlySet<SwarmPeer>;
  readonly isSeeding: boolean;
  readonly random: Random;
  readonly now: number;
  /** Counts rounds: every third picks a new optimistic peer. */
  readonly round: number;
  /** The peer that was unchoked optimistically last. */
  readonly optimistic: SwarmPeer | null;
}

export interface ChokeDecision {
  readonly unchoked: ReadonlySet<SwarmPeer>;
  readonly optimistic: SwarmPeer | null;
}

export function chokeRound(round: ChokeRound): ChokeDecision {
  const interested = [...round.peers].filter((peer) => peer.peerInterested && !peer.closed);
  if (round.policy === "cooperative") return { unchoked: new Set(interested), optimistic: null };
  const rate = (peer: SwarmPeer): number => (round.isSeeding ? peer.upRate : peer.downRate).at(round.now);
  const best = interested
    .filter((peer) => round.isSeeding || !peer.snubbed)
    .sort((a, b) => rate(b) - rate(a))
    .slice(0, RECIPROCAL_SLOTS);
  const unchoked = new Set(best);
  const others = interested.filter((peer) => !unchoked.has(peer));
  const keep = round.optimistic;
  const stays = round.round % OPTIMISTIC_ROUNDS !== 0 && keep !== null && others.includes(keep);
  const optimistic = stays ? keep : others.length === 0 ? null : (others[round.random.int(others.length)] ?? null);
  if (optimistic !== null) unchoked.add(optimistic);
  return { unchoked, optimistic };
}

export interface ChokerDeps {
  readonly policy: ChokingPolicy;
  readonly peers: ReadonlySet<SwarmPeer>;
  readonly random: Random;
  readonly choke: (peer: SwarmPeer, choked: boolean) => void;
}

/** Holds rounds, and lets a newly interested peer in at once where there is room. */
export class Choker {
  readonly #deps: ChokerDeps;
  #rounds = 0;
  #heldAt = -Infinity;
  #optimistic: SwarmPeer | null = null;

  constructor(deps: ChokerDeps) {
    this.#deps = deps;
  }

  interested(peer: SwarmPeer): void {
    const { policy, choke } = this.#deps;
    if (policy === "cooperative" || this.#unchokedCount() < RECIPROCAL_SLOTS) choke(peer, false);
  }

  left(peer: SwarmPeer): void {
    if (this.#optimistic === peer) this.#optimistic = null;
  }

  tick(now: number, isSeeding: boolean): void {
    if (now - this.#heldAt < CHOKE_ROUND_MS) return;
    this.#heldAt = now;
    const { policy, peers, random, choke } = this.#deps;
    const round = this.#rounds++;
    const held = chokeRound({ policy, peers, isSeeding, random, now, round, optimistic: this.#optimistic });
    this.#optimistic = held.optimistic;
    for (const peer of peers) choke(peer, !held.unchoked.has(peer));
  }

  #unchokedCount(): number {
    let count = 0;
    for (const peer of this.#deps.peers) if (!peer.amChoking && peer.peerInterested) count++;
    return count;
  }
}
