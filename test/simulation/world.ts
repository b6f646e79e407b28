// Virtual time and the network of a simulation. Invariant: everything that happens is an event of one heap and every
// choice comes from one seeded generator, so that a seed is a run. Control messages take the delay alone; blocks are
// serialised through the sender's uplink, travel, and are serialised through the receiver's downlink.

import { BLOCK_LENGTH_BYTES, HAVE_DELAY_MS, HAVE_INTERVAL_MS, seededRandom, TICK_MS } from "../../src/core/index.ts";
import type { PieceIndex, Random } from "../../src/core/index.ts";
import type { Layout } from "../../src/metainfo/index.ts";
import { EventHeap } from "./event-heap.ts";
import { Kind } from "./kind.ts";
import { Machine } from "./machine.ts";
import type { LinkEnd, MachineOptions } from "./machine.ts";
import { IDEAL_LINKS } from "./uplink.ts";
import type { LinkCosts } from "./uplink.ts";

export interface WorldOptions {
  readonly seed: number;
  readonly layout: Layout;
  /** One way. */
  readonly delayMs: number;
  /** From the last block of a piece to its verification. */
  readonly checkMs: number;
  readonly costs?: LinkCosts;
}

export class World {
  now = 0;
  readonly layout: Layout;
  readonly delayMs: number;
  readonly checkMs: number;
  readonly costs: LinkCosts;
  readonly random: Random;
  readonly machines: Machine[] = [];
  /** Far ends of the links that were closed for bad data. */
  readonly banned: number[] = [];
  readonly #ends: LinkEnd[] = [];
  readonly #events = new EventHeap();
  readonly #calls: (() => void)[] = [];
  readonly #batches = new Map<number, number[]>();
  #batchCount = 0;

  constructor(options: WorldOptions) {
    this.layout = options.layout;
    this.delayMs = options.delayMs;
    this.checkMs = options.checkMs;
    this.costs = options.costs ?? IDEAL_LINKS;
    this.random = seededRandom(options.seed);
  }

  addMachine(options: MachineOptions): Machine {
    const machine = new Machine(this, this.machines.length, options, this.random);
    this.machines.push(machine);
    this.schedule(this.now + this.random.int(TICK_MS), Kind.tick, machine.index);
    return machine;
  }

  /** Connects two machines: each tells the other what it has. */
  link(one: Machine, other: Machine, fast = true): void {
    if (!one.isAlive || !other.isAlive) return;
    const id = this.#ends.length;
    const ends = [one.addEnd(id, id + 1, fast, other), other.addEnd(id + 1, id, fast, one)] as const;
    this.#ends.push(...ends);
    for (const end of ends) {
      const { swarm } = this.#end(end.otherId).machine;
      const pieces = swarm.isSuperSeeding ? "none" : swarm.isComplete ? "all" : swarm.have.bytes;
      end.machine.swarm.peerPieces(end.peer, pieces, this.now);
    }
  }

  /** The machine goes down, all its links with it. */
  kill(machine: Machine): void {
    machine.isAlive = false;
    for (const end of machine.ends.values()) this.#unlink(end);
  }

  machineOf(endId: number): Machine {
    return this.#end(endId).machine;
  }

  at(time: number, call: () => void): void {
    this.schedule(time, Kind.call, this.#calls.push(call) - 1);
  }

  schedule(time: number, kind: Kind, target: number, a = 0, b = 0): void {
    this.#events.push(time, kind, target, a, b);
  }

  /** A message to the other end of the link, which none that was sent later overtakes. */
  sendTo(end: LinkEnd, kind: Kind, a: number, b: number, sendingMs = 0): void {
    end.lastArrivesAt = Math.max(end.lastArrivesAt, this.now + sendingMs + this.delayMs);
    this.schedule(end.lastArrivesAt, kind, end.otherId, a, b);
  }

  flushHavesSoon(machine: Machine): void {
    const at = Math.max(this.now + HAVE_DELAY_MS, machine.havesSentAt + HAVE_INTERVAL_MS);
    this.schedule(at, Kind.flushHaves, machine.index);
  }

  /** Lets time pass until `isOver` holds or `limitMs` is reached; true where it is over. */
  run(isOver: () => boolean, limitMs: number): boolean {
    while (!isOver()) {
      if (!this.#events.pop() || this.#events.time > limitMs) return false;
      this.now = this.#events.time;
      this.#happen(this.#events.kind, this.#events.target, this.#events.a, this.#events.b);
    }
    return true;
  }

  #happen(kind: number, target: number, a: number, b: number): void {
    switch (kind) {
      case Kind.tick:
        return this.#tick(this.#machine(target));
      case Kind.sent:
        return this.#machine(target).sent();
      case Kind.checked:
        return this.#machine(target).checked(a);
      case Kind.flushHaves:
        return this.#flushHaves(this.#machine(target));
      case Kind.haves:
        return this.#haves(this.#machine(target), a);
      case Kind.call:
        return this.#calls[target]?.();
      default: {
        const end = this.#end(target);
        if (end.isOpen) this.#receive(end, kind, a, b);
      }
    }
  }

  #receive(end: LinkEnd, kind: number, a: number, b: number): void {
    const { machine, peer } = end;
    const { swarm } = machine;
    switch (kind) {
      case Kind.arrived:
        return this.#arrived(end, a, b);
      case Kind.entered:
        return this.#entered(end, a, b);
      case Kind.delivered:
        return this.#delivered(end, a, b);
      case Kind.have:
        swarm.peerHave(peer, a, this.now);
        return machine.pump();
      case Kind.suggest:
        return swarm.suggestReceived(peer, a, this.now);
      case Kind.interested:
        return swarm.peerInterested(peer, a === 1);
      case Kind.choke:
        return swarm.peerChoking(peer, a === 1, this.now);
      case Kind.request:
        swarm.requestReceived(peer, a, b, this.layout.blockLength(a as PieceIndex, b / BLOCK_LENGTH_BYTES));
        return machine.pump();
      case Kind.cancel:
        return swarm.cancelReceived(peer, a, b, this.layout.blockLength(a as PieceIndex, b / BLOCK_LENGTH_BYTES));
      case Kind.reject:
        return swarm.rejectReceived(peer, a, b, this.now);
      case Kind.unlink:
        return this.#unlink(end);
    }
  }

  #arrived(end: LinkEnd, piece: number, blockAndLie: number): void {
    const { machine } = end;
    const lengthBytes = this.#linkBytes(piece, blockAndLie);
    const from = this.#end(end.otherId).machine.options.site;
    const to = machine.options.site;
    if (from === to) {
      this.#entered(end, piece, blockAndLie);
      return;
    }
    // Out of the one site and into the other, each through a link that all of its machines share.
    const leftAt = from?.out(lengthBytes, this.now) ?? this.now;
    this.schedule(to?.in(lengthBytes, leftAt) ?? leftAt, Kind.entered, end.id, piece, blockAndLie);
  }

  /** A block with its headers. */
  #linkBytes(piece: number, blockAndLie: number): number {
    return this.layout.blockLength(piece as PieceIndex, blockAndLie >> 1) * (1 + this.costs.overheadShare);
  }

  #entered(end: LinkEnd, piece: number, blockAndLie: number): void {
    const { machine } = end;
    const linkBytes = this.#linkBytes(piece, blockAndLie);
    machine.downFreeAt =
      Math.max(this.now, machine.downFreeAt) + (linkBytes * 1_000) / machine.options.downBytesPerSecond;
    this.schedule(machine.downFreeAt, Kind.delivered, end.id, piece, blockAndLie);
  }

  #delivered(end: LinkEnd, piece: number, blockAndLie: number): void {
    const sender = this.#end(end.otherId);
    sender.inFlightBytes -= this.layout.blockLength(piece as PieceIndex, blockAndLie >> 1);
    end.machine.blockArrived(end, piece, blockAndLie >> 1, (blockAndLie & 1) === 1);
    sender.machine.pump();
  }

  #tick(machine: Machine): void {
    if (!machine.isAlive) return;
    machine.swarm.tick(this.now);
    machine.pump();
    this.schedule(this.now + TICK_MS, Kind.tick, machine.index);
  }

  #flushHaves(machine: Machine): void {
    const pieces = machine.takeHaves();
    if (this.costs !== IDEAL_LINKS) {
      for (const end of machine.ends.values()) for (const piece of pieces) machine.send(end, Kind.have, piece);
      return;
    }
    // One event for all neighbours: nothing holds the messages up.
    this.#batches.set(this.#batchCount, pieces);
    this.schedule(this.now + this.delayMs, Kind.haves, machine.index, this.#batchCount++);
  }

  #haves(machine: Machine, batch: number): void {
    const pieces = this.#batches.get(batch) ?? [];
    this.#batches.delete(batch);
    for (const end of machine.ends.values()) {
      const other = this.#end(end.otherId);
      for (const piece of pieces) if (other.isOpen) other.machine.swarm.peerHave(other.peer, piece, this.now);
      other.machine.pump();
    }
  }

  #unlink(end: LinkEnd): void {
    for (const one of [end, this.#end(end.otherId)]) {
      if (!one.isOpen) continue;
      one.isOpen = false;
      one.machine.ends.delete(one.peer);
      one.machine.swarm.removePeer(one.peer, this.now);
    }
  }

  #machine(index: number): Machine {
    return this.machines[index] as Machine;
  }

  #end(id: number): LinkEnd {
    return this.#ends[id] as LinkEnd;
  }
}
