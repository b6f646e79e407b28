// One schedule of a small swarm: what a seed makes of layout, machines and events, and the calm afterwards, in which every
// honest machine must get every piece of which an honest machine has a copy.

import assert from "node:assert/strict";
import { seededRandom, TICK_MS } from "../../src/core/index.ts";
import type { Random } from "../../src/core/index.ts";
import type { Member } from "./member.ts";
import { babble } from "./mischief.ts";
import type { ScheduleResult, Trace } from "./schedule.ts";
import { SmallSwarm } from "./small-swarm.ts";
import { anyLayout, anyMember } from "./small-swarm-parts.ts";
import type { Strand } from "./strand.ts";
import { WebSource } from "./web-source.ts";

const STEPS = 400;
const MEMBERS_MAX = 8;
/** Several times as long as a lost request is waited for, by the slowest clock. */
const CALM_MS = 1_500_000;
/** Messages between two ticks of the calm. */
const ROUND_MESSAGES_MAX = 3_000;

/** @throws AssertionError of an invariant that the seed breaks */
export function endureSmallSwarm(seed: number, trace: Trace): ScheduleResult {
  const schedule = new Schedule(seed, trace);
  schedule.storm();
  schedule.calm();
  return { steps: schedule.steps, banned: schedule.world.banned.size };
}

class Schedule {
  readonly world: SmallSwarm;
  steps = 0;
  readonly #random: Random;
  readonly #webSources = new Map<Member, WebSource>();
  readonly #churns: boolean;
  readonly #losesDisks: boolean;
  readonly #hasSites: boolean;

  constructor(seed: number, trace: Trace) {
    const random = (this.#random = seededRandom(seed));
    this.world = new SmallSwarm({ random, layout: anyLayout(random), trace });
    this.#churns = random.int(2) === 0;
    this.#losesDisks = random.int(4) === 0;
    this.#hasSites = random.int(3) === 0;
    const count = 3 + random.int(MEMBERS_MAX - 2);
    for (let index = 0; index < count; index++) this.#join(index === 0);
  }

  /** Everything happens at any time. */
  storm(): void {
    for (let step = 0; step < STEPS; step++) {
      this.#happen(this.#random.int(200));
      this.#verify();
    }
  }

  /** Nobody new comes and nobody goes: whoever is honest gets on with it. */
  calm(): void {
    const { world } = this;
    world.trace?.("calm");
    for (const source of this.#webSources.values()) source.close();
    for (const end of world.strands) if (!bothHonest(end) && this.#random.int(2) === 0) world.close(end);
    const reachable = new Set(
      this.#honest().flatMap((member) => [...member.verified].filter((one) => member.mayServe(one))),
    );
    const isOver = (): boolean =>
      this.#honest().every(({ verified }) => [...reachable].every((one) => verified.has(one)));
    const endsAt = world.now + CALM_MS;
    while (!isOver()) {
      assert.ok(world.now < endsAt, `Some never get what others have: ${this.#state()}.`);
      this.#connectHonest();
      const isQuiet = this.#deliverRound() === 0;
      for (const member of world.alive) {
        while (member.checking.length > 0) this.#check(member);
        this.#tick(member);
      }
      this.#verify();
      world.now += isQuiet ? 10 * TICK_MS : TICK_MS;
    }
  }

  #happen(deed: number): void {
    const { world } = this;
    const member = pick(world.alive, this.#random);
    if (deed < 110) this.#deliver();
    else if (deed < 130) this.#pass();
    else if (member === undefined) this.#join(true);
    else if (deed < 150) this.#check(member);
    else if (deed < 160) this.#pump(member);
    else if (deed < 170) this.#connect(member);
    else if (deed < 172) this.#disconnect(member);
    else if (deed < 174) this.#churn(member);
    else if (deed < 178) this.#changeMemory(member);
    else if (deed < 180) this.#jump(member);
    else if (deed < 182) this.#loseToDisk(member);
    else if (deed < 190) this.#webSeed(member);
    else this.#babble();
  }

  #verify(): void {
    this.steps++;
    this.world.verify();
  }

  #honest(): Member[] {
    return this.world.alive.filter(({ isHonest }) => isHonest);
  }

  #join(isOrigin: boolean): void {
    const { world } = this;
    const member = world.add(anyMember(this.#random, world.layout, { isOrigin, hasSites: this.#hasSites }));
    for (const other of world.alive) if (other !== member && this.#random.int(3) > 0) world.link(member, other);
    if (this.#random.int(8) === 0) {
      this.#webSources.set(member, new WebSource(world, member, this.#random.int(4) === 0));
    }
  }

  /** A few messages of one connection. */
  #deliver(): void {
    const { world } = this;
    const end = pick([...world.strands].filter(isBusy), this.#random);
    if (end === undefined) return;
    for (let count = 1 + this.#random.int(8); count > 0 && isBusy(end) && end.isOpen; count--) world.deliver(end);
    if (this.#random.int(5) > 0) this.#pump(end.member);
  }

  #pass(): void {
    const { world } = this;
    const kind = this.#random.int(40);
    world.now += kind === 0 ? 130_000 : kind < 4 ? this.#random.int(20_000) : this.#random.int(400);
    for (const member of world.alive) if (this.#random.int(4) > 0) this.#tick(member);
  }

  #tick(member: Member): void {
    member.tick();
    this.#pump(member);
  }

  #pump(member: Member): void {
    member.uploads.pump();
    this.world.touch(member);
  }

  #check(member: Member): void {
    if (member.checking.length === 0) return;
    const wasComplete = member.swarm.isComplete;
    member.check(this.#random.int(member.checking.length));
    this.world.touch(member);
    if (wasComplete || !member.swarm.isComplete) return;
    for (const end of member.ends.values()) end.send({ kind: "uploadOnly", on: true });
  }

  #connect(member: Member): void {
    const other = pick(this.world.alive, this.#random);
    if (other !== undefined && other !== member && !this.world.areLinked(member, other)) this.world.link(member, other);
  }

  #disconnect(member: Member): void {
    const end = pick([...member.ends.values()], this.#random);
    if (end !== undefined) this.world.close(end);
  }

  #churn(member: Member): void {
    if (!this.#churns) return;
    if (this.#random.int(2) === 0) this.world.kill(member);
    else if (this.world.alive.length < MEMBERS_MAX) this.#join(false);
  }

  /** Other torrents of the machine take memory and give it back. */
  #changeMemory(member: Member): void {
    member.memoryPieces = 1 + this.#random.int(8);
    member.swarm.resume(member.now);
    this.world.touch(member);
  }

  #jump(member: Member): void {
    const ms = this.#random.int(4) === 0 ? this.#random.int(300_000) : this.#random.int(5_000);
    this.world.trace?.(`${member.name}'s clock jumps by ${ms} ms`);
    member.jump(ms);
  }

  #loseToDisk(member: Member): void {
    if (this.#losesDisks) this.world.loseToDisk(member, this.#random.int(this.world.layout.pieceCount));
  }

  #webSeed(member: Member): void {
    const source = this.#webSources.get(member);
    if (this.#random.int(12) === 0) source?.breakOff();
    else for (let count = this.#random.int(12); count > 0; count--) this.#webStep(source);
  }

  #webStep(source: WebSource | undefined): void {
    source?.step();
    this.world.verify();
  }

  #babble(): void {
    const end = pick(
      [...this.world.strands].filter(({ member }) => member.options.character === "babbles"),
      this.#random,
    );
    if (end !== undefined) babble(this.world, end);
  }

  /** Every two honest machines can reach each other. */
  #connectHonest(): void {
    const honest = this.#honest();
    for (const one of honest) {
      for (const other of honest) {
        if (one.options.index >= other.options.index || (one.swarm.isComplete && other.swarm.isComplete)) continue;
        if (!this.world.areLinked(one, other) && !this.world.areLinked(other, one)) this.world.link(one, other);
      }
    }
  }

  #deliverRound(): number {
    let count = 0;
    for (let busy = this.#busy(); busy.length > 0 && count < ROUND_MESSAGES_MAX; busy = this.#busy()) {
      for (const end of busy) {
        if (this.#random.int(20) === 0) this.#babble();
        if (!end.isOpen || !isBusy(end)) continue;
        this.world.deliver(end);
        count++;
        if (this.#random.int(2) === 0) this.#pump(end.member);
      }
      this.#verify();
    }
    return count;
  }

  #busy(): Strand[] {
    return [...this.world.strands].filter((end) => isBusy(end) && this.#random.int(4) > 0);
  }

  #state(): string {
    return this.#honest()
      .map(({ name, swarm }) => `${name} has ${swarm.have.count}`)
      .join(", ");
  }
}

function isBusy({ inbox, receiving }: Strand): boolean {
  return inbox.length > 0 || receiving !== null;
}

function bothHonest(end: Strand): boolean {
  return end.member.isHonest && end.far.isHonest;
}

function pick<T>(from: readonly T[], random: Random): T | undefined {
  return from.length === 0 ? undefined : from[random.int(from.length)];
}
