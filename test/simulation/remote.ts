// A peer that follows no policy but chance: what a swarm must survive. It keeps the requests that it was sent, and knows
// which of them it still owes by the protocol.

import type { SwarmPeer } from "../../src/swarm/index.ts";

/** Blocks in the memory of a piece under way, and who corrupted them. */
export type Memory = Map<number, SwarmPeer | null>;

export interface BlockAt {
  readonly piece: number;
  readonly block: number;
}

export class Remote {
  readonly number: number;
  readonly isLiar: boolean;
  readonly fast: boolean;
  readonly pieces: Set<number> = new Set();
  peer: SwarmPeer;
  isChoking = true;
  /** Requests that it may answer, cancelled ones among them: a cancel may come too late. */
  readonly queue: BlockAt[] = [];
  /** What it owes by the protocol, as `piece:block`: what the swarm's own queue must hold. */
  readonly owes: Set<string> = new Set();
  /** What was cancelled and it has not answered: the swarm may wait for the answer, and need not. */
  readonly cancelled: Set<string> = new Set();
  /** A block of which it has sent a part. */
  sending: { at: BlockAt; memory: Memory; isCorrupted: boolean } | null = null;

  constructor(options: { number: number; isLiar: boolean; fast: boolean; peer: SwarmPeer }) {
    this.number = options.number;
    this.isLiar = options.isLiar;
    this.fast = options.fast;
    this.peer = options.peer;
  }

  requested(at: BlockAt): void {
    this.queue.push(at);
    this.owes.add(keyOf(at));
    this.cancelled.delete(keyOf(at));
  }

  /** The request was answered. */
  settle(at: BlockAt): void {
    this.owes.delete(keyOf(at));
    this.cancelled.delete(keyOf(at));
  }

  /** Takes a request out of the queue. */
  take(index: number): BlockAt | undefined {
    return this.queue.splice(index, 1)[0];
  }

  forgetRequests(): void {
    this.queue.length = 0;
    this.owes.clear();
    this.cancelled.clear();
  }
}

export function keyOf({ piece, block }: BlockAt): string {
  return `${piece}:${block}`;
}
