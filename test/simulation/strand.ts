// One machine's end of a connection in a small swarm, with what the other end has sent and this one has not read yet. A
// connection keeps the order of its messages; connections among each other do not.

import type { SwarmPeer } from "../../src/swarm/index.ts";
import type { Member } from "./member.ts";

/** Blocks in the memory of a piece under way, with what each really is: 0 is good, anything else one of many lies. */
export type PieceMemory = Map<number, { readonly digest: number; readonly sender: SwarmPeer }>;

export type Message =
  | { readonly kind: "request" | "cancel" | "reject"; piece: number; begin: number; lengthBytes: number }
  | { readonly kind: "block"; piece: number; begin: number; lengthBytes: number; digest: number }
  | { readonly kind: "have" | "suggest" | "dontHave"; piece: number }
  | { readonly kind: "interested" | "choke" | "uploadOnly"; on: boolean }
  | { readonly kind: "pieces"; pieces: Uint8Array | "all" | "none" }
  | { readonly kind: "site"; site: number; key: number }
  | { readonly kind: "reqq"; count: number }
  | { readonly kind: "closed" };

export interface Place {
  readonly piece: number;
  readonly begin: number;
  readonly lengthBytes: number;
}

export class Strand {
  readonly id: number;
  readonly member: Member;
  readonly peer: SwarmPeer;
  /** Null only until both ends are made. */
  other: Strand | null = null;
  readonly inbox: Message[] = [];
  /** A block that is here in part. */
  receiving: { readonly place: Place; readonly memory: PieceMemory; readonly digest: number } | null = null;
  /** What the peer asked for and waits for, as far as we agreed to it: what the swarm's upload queue must hold. */
  readonly waiting: Place[] = [];
  /** Requests of ours that the other end refused without a word, since it does not speak the fast extension. */
  readonly unheard: Set<string> = new Set();
  /** Pieces that a super-seed showed to this peer. */
  readonly offered: Set<number> = new Set();
  /** Blocks that the connection takes before the other end has read some. */
  readonly roomBlocks: number;
  /** Turns that others had since this peer waits and could be sent something. */
  passedOver = 0;
  /** Requests of the peer that ended unserved and were not rejected yet, where it speaks the fast extension (BEP 6). */
  rejectsDue = 0;
  /** On its machine's clock, since when the peer is interested and choked. */
  chokedSince: number | null = null;
  /** Ticks of its machine in which it was asked nothing although it had something new. */
  idleTicks = 0;
  isOpen = true;

  constructor(options: { id: number; member: Member; peer: SwarmPeer; roomBlocks: number }) {
    this.id = options.id;
    this.member = options.member;
    this.peer = options.peer;
    this.roomBlocks = options.roomBlocks;
  }

  /** The machine on the other side. */
  get far(): Member {
    const { other } = this;
    if (other === null) throw new Error("A connection has two ends.");
    return other.member;
  }

  /** To the other end. */
  send(message: Message): void {
    if (this.isOpen) this.other?.inbox.push(message);
  }

  /** Blocks that were sent and not read. */
  get underWayBlocks(): number {
    let count = 0;
    for (const { kind } of this.other?.inbox ?? []) if (kind === "block") count++;
    return count;
  }
}

export function placeKey({ piece, begin }: { piece: number; begin: number }): string {
  return `${piece}:${begin}`;
}
