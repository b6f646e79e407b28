// For tests: the parts of an origin around a database of its own, with a clock that is moved by hand, a catalogue of two
// releases, and a life cycle that does what the real one promises and can be made to fail.

import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestContext } from "node:test";
import { parseInfoHash, parseInfoHashV2, silentLog, systemRandom, type Clock } from "../../core/index.ts";
import type { Catalogue } from "../catalogue/catalogue.ts";
import { CatalogueError } from "../catalogue/catalogue.ts";
import { openDatabase, type Database } from "../database/open-database.ts";
import { refOf, type LiveSwarm, type Release, type ReleaseRef } from "../domain.ts";
import type { OriginConfig, OriginParts, ReleaseLifecycle } from "../origin-parts.ts";
import type { PayloadStore } from "../payloads/payload-store.ts";
import { NoticeDesk } from "./notice-desk.ts";
import type { NoticesOptions } from "../origin-parts.ts";

export interface HandClock extends Clock {
  set(instant: string): void;
  pass(ms: number): void;
}

export interface FakeOrigin {
  readonly parts: OriginParts;
  readonly clock: HandClock;
  readonly databasePath: string;
  readonly releases: Map<string, Release>;
  /** "withdraw example/2.0 2026-0001" … in the order in which it happened. */
  readonly done: string[];
  /** Errors that the next calls of the life cycle end with. */
  readonly failures: Error[];
  /** What was written to the log, by event. */
  readonly logged: string[];
}

const config: OriginConfig = {
  title: "Updates",
  publicUrl: "https://updates.example",
  trackers: [],
  agent: {
    name: "Copyright Agent",
    organization: "Updates Ltd.",
    postalAddress: "5 Post Road\nPortland, OR 97201",
    phone: "+1 503 555 0103",
    email: "agent@updates.example",
  },
  mail: null,
  trustedProxies: [],
};

export const exampleRef: ReleaseRef = { product: "example", version: "2.0" };

export async function fakeOrigin(context: TestContext, changes: Partial<OriginConfig> = {}): Promise<FakeOrigin> {
  const folder = await mkdtemp(join(tmpdir(), "upswarm-notices-"));
  const databasePath = join(folder, "origin.db");
  const database = await openDatabase(databasePath);
  context.after(async () => {
    await database[Symbol.asyncDispose]();
    await rm(folder, { recursive: true, force: true });
  });
  const clock = handClock("2026-11-25T15:00Z");
  const releases = new Map(["1.0", "2.0"].map((version) => [`example/${version}`, releaseOf(version)]));
  const [done, failures, logged]: [string[], Error[], string[]] = [[], [], []];
  const parts: OriginParts = {
    config: { ...config, ...changes },
    database,
    catalogue: fakeCatalogue(releases),
    payloads: {} as PayloadStore,
    swarms: {
      live: () => Promise.resolve(quietSwarm),
      subscribe: () => () => {},
      sentByHttp: () => {},
    },
    lifecycle: fakeLifecycle({ releases, done, failures, clock }),
    signing: { status: () => Promise.resolve(signed) },
    clock,
    random: systemRandom,
    log: { ...silentLog, write: (_level, event) => void logged.push(event) },
  };
  return { parts, clock, databasePath, releases, done, failures, logged };
}

/** A desk as the server opens it. */
export async function openDesk(origin: FakeOrigin, options: NoticesOptions = {}): Promise<NoticeDesk> {
  return NoticeDesk.open(origin.parts, options);
}

/** The same data opened once more, as after a restart. */
export async function reopened(context: TestContext, origin: FakeOrigin): Promise<OriginParts> {
  const database: Database = await openDatabase(origin.databasePath);
  context.after(() => database[Symbol.asyncDispose]());
  return { ...origin.parts, database };
}

export function handClock(start: string): HandClock {
  let nowMs = Date.parse(start);
  return {
    now: () => nowMs,
    wallMs: () => nowMs,
    set: (instant) => void (nowMs = Date.parse(instant)),
    pass: (ms) => void (nowMs += ms),
  };
}

function fakeCatalogue(releases: Map<string, Release>): Catalogue {
  const all = (): Release[] => [...releases.values()];
  const catalogue: Partial<Catalogue> = {
    release: (ref) => Promise.resolve(releases.get(refOf(ref)) ?? null),
    recent: (countMax) => Promise.resolve(all().slice(0, countMax)),
    releases: (product) => Promise.resolve(all().filter((release) => release.product === product)),
    byInfoHash: (infoHash) => Promise.resolve(all().find((release) => release.infoHashV1 === infoHash) ?? null),
    search: (query, countMax) =>
      Promise.resolve(
        all()
          .filter((release) => refOf(release).includes(query))
          .slice(0, countMax),
      ),
  };
  return catalogue as Catalogue;
}

function fakeLifecycle(world: Pick<FakeOrigin, "releases" | "done" | "failures" | "clock">): ReleaseLifecycle {
  const change = async (ref: ReleaseRef, what: string, withdrawal: Release["withdrawal"]): Promise<Release> => {
    const failure = world.failures.shift();
    if (failure !== undefined) throw failure;
    const release = world.releases.get(refOf(ref));
    if (release === undefined) throw new CatalogueError("catalogue.unknown", `There is no release ${refOf(ref)}.`);
    const after = { ...release, withdrawal };
    world.releases.set(refOf(ref), after);
    world.done.push(what);
    return Promise.resolve(after);
  };
  return {
    withdraw: (ref, withdrawal) => {
      const before = world.releases.get(refOf(ref));
      if (before?.withdrawal) return Promise.resolve(before);
      const why = withdrawal.caseId ?? withdrawal.kind;
      return change(ref, `withdraw ${refOf(ref)} ${why}`, { ...withdrawal, at: world.clock.wallMs() });
    },
    restore: (ref) => change(ref, `restore ${refOf(ref)}`, null),
    purge: async (ref) => {
      const withdrawal = world.releases.get(refOf(ref))?.withdrawal ?? null;
      await change(ref, `purge ${refOf(ref)}`, withdrawal);
    },
  };
}

function releaseOf(version: string): Release {
  const digit = version.slice(0, 1);
  return {
    product: "example",
    version,
    channel: "stable",
    sequence: Number(digit),
    name: `example-${version}.exe`,
    kind: "file",
    fileCount: 1,
    lengthBytes: 278_927_592,
    pieceLengthBytes: 262_144,
    sha256: digit.repeat(64),
    sha1: digit.repeat(40),
    infoHashV1: parseInfoHash(digit.repeat(40)),
    infoHashV2: parseInfoHashV2(digit.repeat(64)),
    infoHashTwin: parseInfoHash(`f${digit.repeat(39)}`),
    vendor: { name: "Example Software", url: "https://vendor.example/downloads", hashes: [] },
    notes: null,
    publishedAt: Date.parse("2026-11-01T00:00Z"),
    withdrawal: null,
  };
}

const quietSwarm: LiveSwarm = {
  seeds: 3,
  downloading: 7,
  originRate: 1_250_000,
  traffic: { seedBytes: 300_000_000, webSeedBytes: 1000, directBytes: 2000, completed: 41, directDownloads: 1 },
  history: [],
};

const signed = {
  rootFingerprint: "ab".repeat(32),
  roles: ["root", "targets", "snapshot", "timestamp"].map((role, index) => ({
    role,
    version: 3,
    expiresAt: Date.parse("2026-11-26T15:00Z") + index * 86_400_000,
    threshold: 1,
    keyIds: ["cd".repeat(32)],
  })),
};
