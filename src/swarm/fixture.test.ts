// What the tests of this folder share: small layouts, peers, and a swarm whose effects are written down as a transcript.

import { BLOCK_LENGTH_BYTES, seededRandom } from "../core/index.ts";
import { createLayout } from "../metainfo/index.ts";
import type { Layout } from "../metainfo/index.ts";
import type { DisconnectReason, SwarmEffects } from "./effects.ts";
import { SwarmPeer } from "./peer.ts";
import type { ByteSource } from "./peer.ts";
import { Swarm } from "./swarm.ts";
import type { SwarmOptions } from "./swarm-options.ts";

export function layoutOf(lengthBytes: number, pieceLengthBytes: number): Layout {
  return createLayout({
    isFolder: false,
    pieceLengthBytes,
    placement: "listed",
    entries: [
      { kind: "regular", path: ["update"], lengthBytes, executable: false, symlinkTarget: null, piecesRoot: null },
    ],
  });
}

/** Whole pieces of so many blocks. */
export function layoutOfPieces(pieces: number, blocksEach: number): Layout {
  return layoutOf(pieces * blocksEach * BLOCK_LENGTH_BYTES, blocksEach * BLOCK_LENGTH_BYTES);
}

export function peerOf(
  options: { pieceCount?: number; fast?: boolean; source?: ByteSource; now?: number } = {},
): SwarmPeer {
  const { pieceCount = 8, fast = true, source = "sitePeers", now = 0 } = options;
  return new SwarmPeer({ pieceCount, fast, source, now });
}

export function bitsOf(pieceCount: number, pieces: Iterable<number>): Uint8Array {
  const bits = new Uint8Array(Math.ceil(pieceCount / 8));
  for (const piece of pieces) bits[piece >> 3] = (bits[piece >> 3] ?? 0) | (0x80 >> (piece & 7));
  return bits;
}

/** Writes effects down, one line each: `anna request 3:0`, `check 3`. */
export class Transcript implements SwarmEffects {
  memoryPieces: number = Infinity;
  readonly names: Map<SwarmPeer, string> = new Map();
  readonly open: Set<number> = new Set();
  /** Pieces that are whole and wait for their hash. */
  readonly checks: Set<number> = new Set();
  #lines: string[] = [];

  /** The lines since the last time. `pattern` picks some of them. */
  take(pattern: RegExp = /./): string[] {
    const lines = this.#lines.filter((line) => pattern.test(line));
    this.#lines = [];
    return lines;
  }

  sendInterested(peer: SwarmPeer, interested: boolean): void {
    this.#write(peer, interested ? "interested" : "not interested");
  }
  sendChoke(peer: SwarmPeer, choked: boolean): void {
    this.#write(peer, choked ? "choke" : "unchoke");
  }
  sendRequest(peer: SwarmPeer, piece: number, begin: number): void {
    this.#write(peer, `request ${piece}:${begin / BLOCK_LENGTH_BYTES}`);
  }
  sendCancel(peer: SwarmPeer, piece: number, begin: number): void {
    this.#write(peer, `cancel ${piece}:${begin / BLOCK_LENGTH_BYTES}`);
  }
  sendReject(peer: SwarmPeer, piece: number, begin: number): void {
    this.#write(peer, `reject ${piece}:${begin / BLOCK_LENGTH_BYTES}`);
  }
  sendHave(peer: SwarmPeer, piece: number): void {
    this.#write(peer, `have ${piece}`);
  }
  sendSuggest(peer: SwarmPeer, piece: number): void {
    this.#write(peer, `suggest ${piece}`);
  }
  openPiece(piece: number): boolean {
    if (this.open.size >= this.memoryPieces) return false;
    this.open.add(piece);
    return true;
  }
  dropPiece(piece: number): void {
    this.open.delete(piece);
    this.#lines.push(`drop ${piece}`);
  }
  checkPiece(piece: number): void {
    this.checks.add(piece);
    this.#lines.push(`check ${piece}`);
  }
  disconnect(peer: SwarmPeer, reason: DisconnectReason): void {
    this.#write(peer, `disconnect ${reason}`);
  }

  #write(peer: SwarmPeer, line: string): void {
    this.#lines.push(`${this.names.get(peer) ?? "?"} ${line}`);
  }
}

/** A swarm with a transcript, and short forms of what peers do. */
export class Stage {
  readonly transcript: Transcript = new Transcript();
  readonly swarm: Swarm;
  readonly layout: Layout;

  constructor(layout: Layout, options: Partial<SwarmOptions> = {}) {
    this.layout = layout;
    this.swarm = new Swarm({
      layout,
      have: new Uint8Array(Math.ceil(layout.pieceCount / 8)),
      choking: "cooperative",
      superSeed: false,
      random: seededRandom(1),
      effects: this.transcript,
      ...options,
    });
  }

  /** A peer joins and says what it has; one that `unchokes` may be asked at once. */
  join(
    name: string,
    pieces: readonly number[] | "all",
    options: { fast?: boolean; unchokes?: boolean; source?: ByteSource; now?: number } = {},
  ): SwarmPeer {
    const { fast = true, unchokes = true, source = "sitePeers", now = 0 } = options;
    const peer = this.swarm.addPeer({ source, fast, now });
    this.transcript.names.set(peer, name);
    peer.peerChoking = !unchokes;
    this.swarm.peerPieces(peer, pieces === "all" ? "all" : bitsOf(this.layout.pieceCount, pieces), now);
    return peer;
  }

  block(peer: SwarmPeer, piece: number, block: number, now: number): void {
    const lengthBytes = Math.min(
      BLOCK_LENGTH_BYTES,
      this.layout.lengthBytes - piece * this.layout.pieceLengthBytes - block * BLOCK_LENGTH_BYTES,
    );
    const begin = block * BLOCK_LENGTH_BYTES;
    if (this.swarm.acceptsBlock(peer, piece, begin, lengthBytes)) {
      this.swarm.blockReceived(peer, piece, begin, lengthBytes, now);
    } else {
      this.swarm.blockDiscarded(peer, piece, begin, lengthBytes, now);
    }
  }

  /** The peer sends all that it owes, and every piece that becomes whole is good. */
  deliver(peer: SwarmPeer, now: number): void {
    for (let owed = [...peer.requests.entries()]; owed.length > 0; owed = [...peer.requests.entries()]) {
      for (const { piece, block } of owed) this.block(peer, piece, block, now);
    }
    this.verifyAll(now);
  }

  /** Every piece that is whole is good. */
  verifyAll(now: number): void {
    for (const piece of this.transcript.checks) {
      this.transcript.checks.delete(piece);
      this.transcript.open.delete(piece);
      this.swarm.pieceVerified(piece, now);
    }
  }
}

/** The pieces that were revealed to the peer since the last look. */
export function offers(stage: Stage, name: string): number[] {
  return stage.transcript.take(new RegExp(`^${name} have`)).map((line) => Number(line.split(" ").at(-1)));
}

/** The peer asks for the piece and is served. False where it was refused. */
export function fetch(stage: Stage, peer: SwarmPeer, piece: number, now: number): boolean {
  stage.swarm.peerInterested(peer, true);
  if (!stage.swarm.requestReceived(peer, piece, 0, BLOCK_LENGTH_BYTES)) return false;
  while (peer.uploads.length > 0) stage.swarm.uploadServed(peer, now);
  return true;
}
