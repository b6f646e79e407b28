// An origin in memory for the tests of the site: a catalogue, swarms that move when they are told to, a signing status.
// It holds no test.

import { createHash, hash } from "node:crypto";
import fastify from "fastify";
import type { FastifyInstance } from "fastify";
import { parseInfoHash, parseInfoHashV2, silentLog, systemRandom } from "../../core/index.ts";
import type { Clock } from "../../core/index.ts";
import { buildInfo, buildMetainfo, layOutPayload } from "../../metainfo/index.ts";
import type { Catalogue } from "../catalogue/catalogue.ts";
import { refOf, type LiveSwarm, type Product, type Release, type ReleaseRef, type Withdrawal } from "../domain.ts";
import { registerErrorAnswers } from "../http/error-answers.ts";
import { registerSecurityHeaders } from "../http/security-headers.ts";
import type { OriginParts, SigningStatus } from "../origin-parts.ts";
import { errorPage } from "./pages/error-page.ts";
import { registerSite } from "./register-site.ts";

export const NOW: number = Date.UTC(2026, 10, 25, 22, 15, 4);
const DAY_MS = 86_400_000;
const CONFIG = {
  title: "Upswarm",
  publicUrl: "https://updates.example",
  trackers: ["https://updates.example/announce"],
  agent: null,
  mail: null,
  trustedProxies: [],
} as const;

const hex = (algorithm: string, text: string): string => createHash(algorithm).update(text).digest("hex");

/** A release whose hashes follow from its names. */
export function releaseOf(given: Partial<Release> & ReleaseRef): Release {
  const name = given.name ?? `${given.product}-${given.version}.tar.gz`;
  const key = `${given.product} ${given.version}`;
  const isFolder = given.kind === "folder";
  return {
    channel: "stable",
    sequence: 1,
    name,
    kind: "file",
    fileCount: isFolder ? FOLDER_FILES.length : 1,
    lengthBytes: 278_927_592,
    pieceLengthBytes: 262_144,
    sha256: isFolder ? null : hex("sha256", key),
    sha1: isFolder ? null : hex("sha1", key),
    infoHashV1: parseInfoHash(hex("sha1", `v1 ${key}`)),
    infoHashV2: parseInfoHashV2(hex("sha256", `v2 ${key}`)),
    infoHashTwin: parseInfoHash(hex("sha1", `twin ${key}`)),
    vendor: null,
    notes: null,
    publishedAt: NOW - 3 * DAY_MS,
    withdrawal: null,
    ...given,
  };
}

export const WITHDRAWAL: Withdrawal = {
  kind: "legal",
  at: NOW - DAY_MS,
  reason: "A notice under 17 U.S.C. 512(c) says that this file is distributed without permission.",
  demandedBy: "Example Corporation, by its counsel",
  vendorUrl: "https://vendor.example/downloads/sp2",
  replacedBy: null,
  caseId: "2026-0007",
};

const FOLDER_FILES = [
  ["config.json", 1_204],
  ["model-00001-of-00002.safetensors", 900_000],
  ["model-00002-of-00002.safetensors", 800_000],
  ["tokenizer/vocab #1.txt", 34_567],
] as const;

/** Metainfo of the release's names; the hashes in it are of nothing. */
function metainfoOf({ name, kind }: Release): Buffer {
  const isFolder = kind === "folder";
  const files = isFolder ? FOLDER_FILES : ([[name, 1_000_000]] as const);
  const payload = layOutPayload({
    name,
    version: "hybrid",
    isFolder,
    pieceLengthBytes: 1_048_576,
    entries: files.map(([path, lengthBytes]) => ({
      kind: "regular",
      path: path.split("/"),
      lengthBytes,
      executable: false,
      symlinkTarget: null,
    })),
  });
  const info = buildInfo(payload, {
    pieces: Buffer.alloc(20 * payload.layout.pieceCount, 1),
    piecesRoots: payload.layout.files.map(({ kind, path }) =>
      kind === "pad" ? null : hash("sha256", path.join("/"), "buffer"),
    ),
  });
  return buildMetainfo(info, { trackers: [CONFIG.trackers] });
}

export class FixtureCatalogue {
  /** Newest first. */
  #releases: readonly Release[];
  #changes = 0;
  /** How often something was asked, besides the change number. */
  questions = 0;

  constructor(releases: readonly Release[]) {
    this.#releases = releases;
  }

  change(releases: readonly Release[]): void {
    this.#releases = releases;
    this.#changes++;
  }

  /** Withdraws (or restores, with null). */
  withdraw(ref: ReleaseRef, withdrawal: Withdrawal | null): void {
    this.change(
      this.#releases.map((release) => (refOf(release) === refOf(ref) ? { ...release, withdrawal } : release)),
    );
  }

  reading(): Catalogue {
    const all = (): readonly Release[] => {
      this.questions++;
      return this.#releases;
    };
    const find = (ref: ReleaseRef): Release | null =>
      all().find((release) => release.product === ref.product && release.version === ref.version) ?? null;
    const reading: Partial<Catalogue> = {
      products: async () => productsOf(all()),
      releases: async (name) => all().filter(({ product }) => product === name),
      release: async (ref) => find(ref),
      recent: async (countMax) => all().slice(0, countMax),
      search: async (query, countMax) =>
        all()
          .filter((release) => holds(release, query))
          .slice(0, countMax),
      metainfo: async (ref) => {
        const release = find(ref);
        return release === null ? null : metainfoOf(release);
      },
      changeNumber: async () => this.#changes,
    };
    // The site writes nothing: a call of what is not here is a bug and throws.
    return reading as Catalogue;
  }
}

function productsOf(releases: readonly Release[]): readonly Product[] {
  return [...Map.groupBy(releases, ({ product }) => product)]
    .map(([name, own]) => ({ name, releaseCount: own.length, newest: own[0] as Release }))
    .toSorted((a, b) => (a.name < b.name ? -1 : 1));
}

function holds({ product, version, name, vendor, notes, sha256 }: Release, query: string): boolean {
  const text = [product, version, name, vendor?.name, notes, sha256].join(" ").toLowerCase();
  return query
    .toLowerCase()
    .split(/\s+/)
    .every((word) => text.includes(word));
}

type Listener = (live: LiveSwarm) => void;

/** One swarm for every release. It starts with `steps` samples of five seconds, and grows by one with each step(). */
export class FixtureSwarms {
  readonly listeners: Set<Listener> = new Set();
  readonly #samples: LiveSwarm["history"][number][] = [];
  readonly #initial: number;

  constructor(steps: number) {
    this.#initial = steps;
    for (let i = 0; i < steps; i++) this.#sample();
  }

  get live(): LiveSwarm {
    const newest = this.#samples.at(-1) ?? { seeds: 0, downloading: 0, completed: 0, originBytes: 0 };
    const { seeds, downloading, completed, originBytes } = newest;
    return {
      seeds,
      downloading,
      originRate: this.#samples.length === 0 ? 0 : 1_830_000,
      traffic: {
        seedBytes: originBytes,
        webSeedBytes: 0,
        directBytes: completed === 0 ? 0 : 836_782_776,
        completed,
        directDownloads: completed === 0 ? 0 : 3,
      },
      history: [...this.#samples],
    };
  }

  step(): void {
    this.#sample();
    for (const listener of this.listeners) listener(this.live);
  }

  subscribe(_: ReleaseRef, listener: Listener): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  /** A crowd that arrives, completes and stays. */
  #sample(): void {
    const i = this.#samples.length;
    const completed = Math.round(640 / (1 + Math.exp((70 - i) / 16)));
    this.#samples.push({
      at: NOW + (i - this.#initial) * 5_000,
      seeds: 1 + Math.round(completed * 0.7),
      downloading: Math.round(210 * Math.exp(-(((i - 60) / 38) ** 2))) + 6,
      completed,
      originBytes: Math.round(278_927_592 * (1.04 + i / 900)),
    });
  }
}

export const SIGNING: SigningStatus = {
  rootFingerprint: hex("sha256", "root"),
  roles: [
    ["root", 1, 365, 2, 3],
    ["targets", 14, 80, 1, 2],
    ["snapshot", 31, 6, 1, 1],
    ["timestamp", 402, 0.9, 1, 1],
  ].map(([role, version, days, threshold, keys]) => ({
    role: String(role),
    version: Number(version),
    expiresAt: NOW + Number(days) * DAY_MS,
    threshold: Number(threshold),
    keyIds: Array.from({ length: Number(keys) }, (_, index) => hex("sha256", `${role} ${index}`)),
  })),
};

export interface FixtureSite {
  readonly app: FastifyInstance;
  readonly catalogue: FixtureCatalogue;
  readonly swarms: FixtureSwarms;
  readonly clock: Clock & { ms: number };
}

export interface FixtureOptions {
  readonly releases?: readonly Release[];
  readonly publicUrl?: string;
  readonly signing?: SigningStatus;
  /** Samples that the swarm begins with. */
  readonly steps?: number;
}

/** The site on a Fastify of its own, with the headers and error pages of the HTTP part. */
export async function fixtureSite(options: FixtureOptions = {}): Promise<FixtureSite> {
  const { releases = [releaseOf({ product: "demo", version: "1.0" })], signing = SIGNING, steps = 100 } = options;
  const catalogue = new FixtureCatalogue(releases);
  const swarms = new FixtureSwarms(steps);
  const clock = { ms: 0, now: () => clock.ms, wallMs: () => NOW + clock.ms };
  const app = fastify();
  const config = { ...CONFIG, publicUrl: options.publicUrl ?? CONFIG.publicUrl };
  const parts: Partial<OriginParts> = {
    config,
    catalogue: catalogue.reading(),
    swarms: {
      live: async () => swarms.live,
      subscribe: (ref, listener) => swarms.subscribe(ref, listener),
      sentByHttp: () => {},
    },
    signing: { status: async () => signing },
    clock,
    random: systemRandom,
    log: silentLog,
  };
  registerSecurityHeaders(app);
  registerErrorAnswers(app, config);
  app.setNotFoundHandler((request, reply) => {
    const sentence = "There is nothing at this address.";
    const page = errorPage(config, { status: 404, sentence, requestId: request.id });
    return reply.code(404).type("text/html; charset=utf-8").send(page);
  });
  // The site uses no more of the parts than these.
  await registerSite(app, parts as OriginParts);
  return { app, catalogue, swarms, clock };
}
