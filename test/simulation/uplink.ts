// A machine's way out: one block at a time at the link's rate. Without send buffers (`sendBufferBytes` 0) a block is chosen
// when the link is free, as late as can be. With them each connection takes blocks ahead, as a kernel's sockets do, and the
// link takes one of each connection in turn; messages wait behind the blocks of their connection, and everything behind
// what the link itself holds (`queueMs`), so that news travels late.
// Invariant: what a connection has under way never exceeds what its path holds and the receiver's buffers.

import { BLOCK_LENGTH_BYTES, CONNECTION_QUEUE_MIN_BYTES } from "../../src/core/index.ts";
import type { LinkEnd } from "./machine.ts";
import { Kind } from "./kind.ts";

/** What a link costs beyond its payload. */
export interface LinkCosts {
  /** Headers of packets and their acknowledgements, of the payload. */
  readonly overheadShare: number;
  /** What the kernel takes of one connection before it is sent. */
  readonly sendBufferBytes: number;
  /** What a message that is no block takes on the link, its packet included. */
  readonly messageBytes: number;
  /** What waits in the link's own queue while it is busy, in ms. */
  readonly queueMs: number;
}

/** Links as theory has them: nothing but payload, and no buffers. */
export const IDEAL_LINKS: LinkCosts = { overheadShare: 0, sendBufferBytes: 0, messageBytes: 0, queueMs: 0 };

/**
 * Links as the crowd bench has them: 66 bytes of headers and half an acknowledgement on 1,448 of payload, sockets that take
 * what a peer asks for, a token bucket that holds up to 100 ms, half of it on average.
 */
export const SOCKET_LINKS: LinkCosts = { overheadShare: 0.07, sendBufferBytes: 262_144, messageBytes: 75, queueMs: 50 };

export interface UplinkDeps {
  readonly bytesPerSecond: number;
  /** Both ways. */
  readonly roundTripMs: number;
  readonly costs: LinkCosts;
  /** The link is free again after so long. */
  readonly busyFor: (sendingMs: number) => void;
  /** What is at the end's other side after so long and the path's delay. */
  readonly deliver: (end: LinkEnd, kind: Kind, a: number, b: number, afterMs: number) => void;
}

export class Uplink {
  readonly #deps: UplinkDeps;
  readonly #pathBytes: number;
  /** Connections with buffered blocks, whose turn is next first. */
  readonly #waiting: LinkEnd[] = [];
  #messageBytes = 0;
  #isSending = false;

  constructor(deps: UplinkDeps) {
    this.#deps = deps;
    const pathMs = deps.roundTripMs + deps.costs.queueMs;
    this.#pathBytes = CONNECTION_QUEUE_MIN_BYTES + (deps.bytesPerSecond * pathMs) / 1_000;
  }

  get isBusy(): boolean {
    return this.#isSending;
  }

  /** True where the connection takes a block now. */
  takes(end: LinkEnd): boolean {
    const { sendBufferBytes } = this.#deps.costs;
    if (sendBufferBytes === 0) return !this.#isSending && this.#hasRoom(end);
    return end.bufferedBytes + BLOCK_LENGTH_BYTES <= sendBufferBytes || end.bufferedBytes === 0;
  }

  /** A block that `takes` allowed. */
  pushBlock(end: LinkEnd, piece: number, blockAndLie: number): void {
    end.bufferedBytes += end.machine.blockLength(piece, blockAndLie >> 1);
    this.#push(end, Kind.arrived, piece, blockAndLie);
    this.run();
  }

  pushMessage(end: LinkEnd, kind: Kind, a: number, b: number): void {
    const { messageBytes, queueMs } = this.#deps.costs;
    this.#messageBytes += messageBytes;
    if (end.buffered.length > 0) this.#push(end, kind, a, b);
    else this.#deps.deliver(end, kind, a, b, this.#isSending ? queueMs : 0);
  }

  /** The block that was on the link is out. */
  sent(): void {
    this.#isSending = false;
    this.run();
  }

  /** Sends what may be sent: called whenever a connection may have room again. */
  run(): void {
    while (!this.#isSending) {
      const at = this.#waiting.findIndex((end) => !end.isOpen || this.#hasRoom(end));
      const [end] = at < 0 ? [] : this.#waiting.splice(at, 1);
      if (end === undefined) return;
      if (end.isOpen) this.#turn(end);
      else end.buffered.length = 0;
    }
  }

  /** The messages and the block that the connection has waited with the longest, and the messages behind it. */
  #turn(end: LinkEnd): void {
    const { costs, deliver } = this.#deps;
    while (end.buffered.length > 0) {
      const [kind = 0, a = 0, b = 0] = end.buffered;
      if (kind === Kind.arrived && this.#isSending) break;
      end.buffered.splice(0, 3);
      if (kind === Kind.arrived) this.#send(end, a, b);
      else deliver(end, kind as Kind, a, b, costs.queueMs);
    }
    if (end.buffered.length > 0) this.#waiting.push(end);
  }

  #push(end: LinkEnd, kind: Kind, a: number, b: number): void {
    if (end.buffered.length === 0) this.#waiting.push(end);
    end.buffered.push(kind, a, b);
  }

  #send(end: LinkEnd, piece: number, blockAndLie: number): void {
    const { costs, bytesPerSecond, busyFor, deliver } = this.#deps;
    const lengthBytes = end.machine.blockLength(piece, blockAndLie >> 1);
    const linkBytes = lengthBytes * (1 + costs.overheadShare) + this.#messageBytes;
    const sendingMs = (linkBytes * 1_000) / bytesPerSecond;
    this.#messageBytes = 0;
    this.#isSending = true;
    end.bufferedBytes -= lengthBytes;
    end.inFlightBytes += lengthBytes;
    busyFor(sendingMs);
    deliver(end, Kind.arrived, piece, blockAndLie, sendingMs + costs.queueMs);
  }

  #hasRoom(end: LinkEnd): boolean {
    return end.inFlightBytes < this.#pathBytes;
  }
}
