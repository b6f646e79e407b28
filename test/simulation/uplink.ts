// A machine's way out: one block at a time at the link's rate. Without send buffers (`sendBufferBytes` 0) a block is chosen
// when the link is free, as late as can be. With them each connection takes blocks ahead, as a kernel's sockets do, and the
// link takes one of each connection in turn; messages wait behind the blocks of their connection, and everything behind
// what the link's own queue holds (up to `queueMs`), so that news travels late.
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
  /** What the link's own queue takes before it is sent, in ms. */
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
  readonly now: () => number;
  /** `sent` is to be called after so long: the link takes more then. */
  readonly fullFor: (ms: number) => void;
  /** What is at the end's other side after so long and the path's delay. */
  readonly deliver: (end: LinkEnd, kind: Kind, a: number, b: number, afterMs: number) => void;
}

export class Uplink {
  readonly #deps: UplinkDeps;
  readonly #pathBytes: number;
  /** Connections with buffered blocks, whose turn is next first. */
  readonly #waiting: LinkEnd[] = [];
  #messageBytes = 0;
  /** When the link has sent all that it has taken. */
  #freeAt = 0;
  #isFull = false;

  constructor(deps: UplinkDeps) {
    this.#deps = deps;
    const pathMs = deps.roundTripMs + deps.costs.queueMs;
    this.#pathBytes = CONNECTION_QUEUE_MIN_BYTES + (deps.bytesPerSecond * pathMs) / 1_000;
  }

  /** The link takes no block now. */
  get isFull(): boolean {
    return this.#isFull;
  }

  /** True where the connection takes a block now. */
  takes(end: LinkEnd): boolean {
    const { sendBufferBytes } = this.#deps.costs;
    if (sendBufferBytes === 0) return !this.#isFull && this.#hasRoom(end);
    return end.bufferedBytes + BLOCK_LENGTH_BYTES <= sendBufferBytes || end.bufferedBytes === 0;
  }

  /** A block that `takes` allowed. */
  pushBlock(end: LinkEnd, piece: number, blockAndLie: number): void {
    end.bufferedBytes += end.machine.blockLength(piece, blockAndLie >> 1);
    this.#push(end, Kind.arrived, piece, blockAndLie);
    this.run();
  }

  pushMessage(end: LinkEnd, kind: Kind, a: number, b: number): void {
    this.#messageBytes += this.#deps.costs.messageBytes;
    if (end.buffered.length > 0) this.#push(end, kind, a, b);
    else this.#deps.deliver(end, kind, a, b, this.#queuedMs);
  }

  /** The link takes more. */
  sent(): void {
    this.#isFull = false;
    this.run();
  }

  /** Sends what may be sent: called whenever a connection may have room again. */
  run(): void {
    while (!this.#isFull) {
      const at = this.#waiting.findIndex((end) => !end.isOpen || this.#hasRoom(end));
      const [end] = at < 0 ? [] : this.#waiting.splice(at, 1);
      if (end === undefined) return;
      if (end.isOpen) this.#turn(end);
      else end.buffered.length = 0;
    }
  }

  /** The messages and the block that the connection has waited with the longest, and the messages behind it. */
  #turn(end: LinkEnd): void {
    let hasSent = false;
    while (end.buffered.length > 0) {
      const [kind = 0, a = 0, b = 0] = end.buffered;
      if (kind === Kind.arrived && hasSent) break;
      end.buffered.splice(0, 3);
      if (kind === Kind.arrived) this.#send(end, a, b);
      else this.#deps.deliver(end, kind as Kind, a, b, this.#queuedMs);
      hasSent ||= kind === Kind.arrived;
    }
    if (end.buffered.length > 0) this.#waiting.push(end);
  }

  #push(end: LinkEnd, kind: Kind, a: number, b: number): void {
    if (end.buffered.length === 0) this.#waiting.push(end);
    end.buffered.push(kind, a, b);
  }

  #send(end: LinkEnd, piece: number, blockAndLie: number): void {
    const { costs, bytesPerSecond, fullFor, deliver, now } = this.#deps;
    const lengthBytes = end.machine.blockLength(piece, blockAndLie >> 1);
    const linkBytes = lengthBytes * (1 + costs.overheadShare) + this.#messageBytes;
    this.#messageBytes = 0;
    this.#freeAt = Math.max(this.#freeAt, now()) + (linkBytes * 1_000) / bytesPerSecond;
    end.bufferedBytes -= lengthBytes;
    end.inFlightBytes += lengthBytes;
    const beyondMs = this.#queuedMs - costs.queueMs;
    if (beyondMs > 0) {
      this.#isFull = true;
      fullFor(beyondMs);
    }
    deliver(end, Kind.arrived, piece, blockAndLie, this.#queuedMs);
  }

  get #queuedMs(): number {
    return Math.max(0, this.#freeAt - this.#deps.now());
  }

  #hasRoom(end: LinkEnd): boolean {
    return end.inFlightBytes < this.#pathBytes;
  }
}
