// An origin for the tests of its front ends: a catalogue in memory, payloads in a folder that is gone at the end, a real
// database in memory, and a lifecycle that acts in the order that its contract names.

import { createHash, randomBytes } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { mkdir, open, rename, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import type { AddressInfo } from "node:net";
import type { FastifyInstance } from "fastify";
import { parseInfoHash, parseInfoHashV2, silentLog, systemClock, systemRandom } from "../../core/index.ts";
import { buildInfo, buildMetainfo, layOutPayload } from "../../metainfo/index.ts";
import { TokenStore } from "../access/token-store.ts";
import type { Log } from "../../core/index.ts";
import type { Scope } from "../access/token-store.ts";
import { CatalogueError } from "../catalogue/catalogue.ts";
import type { Catalogue, ListPart } from "../catalogue/catalogue.ts";
import { openDatabase } from "../database/open-database.ts";
import { refOf } from "../domain.ts";
import type { LiveSwarm, Release, ReleaseRef, Traffic, Withdrawal } from "../domain.ts";
import type { OriginConfig, OriginParts, ReleaseLifecycle, Swarms } from "../origin-parts.ts";
import { PayloadError } from "../payloads/payload-store.ts";
import type { OpenedFile, PayloadStore } from "../payloads/payload-store.ts";
import { createApp } from "./create-app.ts";
import type { AppOptions } from "./create-app.ts";
import { Transfers } from "./transfers.ts";

/** A release of one file with these bytes, published on the first second of 2026. */
export function sampleRelease(over: Partial<Release> = {}, bytes: Buffer = Buffer.alloc(0)): Release {
  return {
    product: "tool",
    version: "1.0",
    channel: "stable",
    sequence: 1,
    name: "tool.bin",
    kind: "file",
    fileCount: 1,
    lengthBytes: bytes.length,
    pieceLengthBytes: 16_384,
    sha256: createHash("sha256").update(bytes).digest("hex"),
    sha1: createHash("sha1").update(bytes).digest("hex"),
    infoHashV1: parseInfoHash("11".repeat(20)),
    infoHashV2: parseInfoHashV2("22".repeat(32)),
    infoHashTwin: parseInfoHash("33".repeat(20)),
    vendor: { name: "Vendor", url: "https://vendor.example/tool", hashes: [] },
    notes: "What is new",
    publishedAt: Date.UTC(2026, 0, 1, 0, 0, 1),
    withdrawal: null,
    ...over,
  };
}

export const sampleMetainfo: Buffer = (() => {
  const entry = {
    kind: "regular",
    path: ["tool.bin"],
    lengthBytes: 100,
    executable: false,
    symlinkTarget: null,
  } as const;
  const layout = { name: "tool.bin", version: "hybrid", isFolder: false, entries: [entry] } as const;
  const hashes = { pieces: Buffer.alloc(20, 1), piecesRoots: [Buffer.alloc(32, 2)] };
  return buildMetainfo(buildInfo(layOutPayload(layout), hashes), { pieceLayers: new Map() });
})();

const everything = { after: null, countMax: Infinity } as const;

class FakeCatalogue implements Partial<Catalogue> {
  readonly all: Map<string, Release> = new Map();
  readonly signed: Map<string, Buffer> = new Map();

  async products({ after, countMax }: ListPart<string> = everything): ReturnType<Catalogue["products"]> {
    const byName = Map.groupBy(await this.recent(Infinity), ({ product }) => product);
    return [...byName]
      .map(([name, releases]) => ({ name, releaseCount: releases.length, newest: releases[0]! }))
      .sort((a, b) => (a.name < b.name ? -1 : 1))
      .filter(({ name }) => after === null || name > after)
      .slice(0, countMax);
  }
  async releases(
    product: string,
    { after, countMax }: ListPart<number> = everything,
  ): ReturnType<Catalogue["releases"]> {
    return (await this.recent(Infinity))
      .filter((release) => release.product === product && (after === null || release.sequence < after))
      .slice(0, countMax);
  }
  release(ref: ReleaseRef): ReturnType<Catalogue["release"]> {
    return Promise.resolve(this.all.get(refOf(ref)) ?? null);
  }
  recent(countMax: number): Promise<readonly Release[]> {
    const newestFirst = [...this.all.values()].sort((a, b) => b.sequence - a.sequence);
    return Promise.resolve(newestFirst.slice(0, countMax));
  }
  async search(query: string, countMax: number): ReturnType<Catalogue["search"]> {
    return (await this.recent(Infinity)).filter(({ product }) => product.includes(query)).slice(0, countMax);
  }
  metainfo(ref: ReleaseRef): ReturnType<Catalogue["metainfo"]> {
    return Promise.resolve(this.all.has(refOf(ref)) ? sampleMetainfo : null);
  }
  signedFile(name: string): ReturnType<Catalogue["signedFile"]> {
    return Promise.resolve(this.signed.get(name) ?? null);
  }
  change(ref: ReleaseRef, withdrawal: Withdrawal | null): Release {
    const release = this.all.get(refOf(ref));
    if (release === undefined) throw new CatalogueError("catalogue.unknown", `There is no release ${refOf(ref)}.`);
    const changed = { ...release, withdrawal };
    this.all.set(refOf(ref), changed);
    return changed;
  }
}

class FakePayloads implements Partial<PayloadStore> {
  readonly folder: string;
  /** Files that were opened and not closed. */
  openCount = 0;

  constructor(folder: string) {
    this.folder = folder;
  }
  async openFile({ product, version }: ReleaseRef, path: readonly string[]): ReturnType<PayloadStore["openFile"]> {
    const handle = await open(join(this.folder, product, version, ...path)).catch(() => null);
    if (handle === null) return null;
    const stat = await handle.stat();
    if (!stat.isFile()) {
      await handle.close();
      return null;
    }
    this.openCount++;
    const close = handle.close.bind(handle);
    const counted: OpenedFile = { handle, lengthBytes: stat.size, modifiedMs: stat.mtimeMs };
    handle.close = async () => {
      this.openCount--;
      await close();
    };
    return counted;
  }
  async quarantine({ product, version }: ReleaseRef): Promise<void> {
    await rename(join(this.folder, product, version), join(this.folder, product, `${version}.quarantined`));
  }
  async restore({ product, version }: ReleaseRef): Promise<void> {
    await rename(join(this.folder, product, `${version}.quarantined`), join(this.folder, product, version));
  }
  async purge({ product, version }: ReleaseRef): Promise<void> {
    await rm(join(this.folder, product, `${version}.quarantined`), { recursive: true }).catch((cause: unknown) => {
      throw new PayloadError("payload.unknown", "Nothing is quarantined.", { cause });
    });
  }
}

export interface Sent {
  webSeedBytes: number;
  directBytes: number;
  directDownloads: number;
}

const noTraffic: Traffic = { seedBytes: 0, webSeedBytes: 0, directBytes: 0, completed: 0, directDownloads: 0 };
export const quietSwarm: LiveSwarm = { seeds: 1, downloading: 2, originRate: 0.5, traffic: noTraffic, history: [] };

export interface FakeOrigin extends AsyncDisposable {
  readonly app: FastifyInstance;
  readonly parts: OriginParts;
  readonly catalogue: FakeCatalogue;
  readonly payloads: FakePayloads;
  readonly transfers: Transfers;
  readonly sent: Sent;
  /** Adds a release of one file, or of a folder with these files by their paths. */
  add(release: Partial<Release>, files: Buffer | Readonly<Record<string, Buffer>>): Promise<Release>;
  token(...scopes: Scope[]): Promise<{ authorization: string }>;
  /** Listens on loopback. */
  listen(): Promise<{ readonly port: number; readonly url: string }>;
}

export async function fakeOrigin(
  options: Partial<AppOptions> = {},
  config: Partial<OriginConfig> = {},
  log: Log = silentLog,
): Promise<FakeOrigin> {
  const folder = mkdtempSync(join(tmpdir(), "upswarm-http-"));
  const database = await openDatabase(":memory:");
  const [catalogue, payloads] = [new FakeCatalogue(), new FakePayloads(folder)];
  const transfers = options.transfers ?? new Transfers();
  const sent: Sent = { webSeedBytes: 0, directBytes: 0, directDownloads: 0 };
  const parts: OriginParts = {
    config: {
      title: "Updates",
      publicUrl: "https://updates.example",
      trackers: [],
      agent: null,
      mail: null,
      trustedProxies: [],
      ...config,
    },
    database,
    catalogue: catalogue as unknown as Catalogue,
    payloads: payloads as unknown as PayloadStore,
    swarms: fakeSwarms(sent),
    lifecycle: fakeLifecycle(catalogue, payloads, transfers),
    signing: { status: () => Promise.resolve({ rootFingerprint: "", roles: [] }) },
    clock: systemClock,
    random: systemRandom,
    log,
  };
  const app = createApp(parts, { plugins: [], targetFile: () => Promise.resolve(null), transfers, ...options });
  const tokens = new TokenStore(parts);
  return {
    app,
    parts,
    catalogue,
    payloads,
    transfers,
    sent,
    add: (release, files) => addRelease(catalogue, folder, release, files),
    token: async (...scopes) => ({ authorization: `Bearer ${(await tokens.create("test", scopes)).secret}` }),
    listen: async () => {
      await app.listen({ host: "127.0.0.1", port: 0 });
      const { port } = app.server.address() as AddressInfo;
      return { port, url: `http://127.0.0.1:${port}` };
    },
    [Symbol.asyncDispose]: async () => {
      await app.close();
      await database[Symbol.asyncDispose]();
      rmSync(folder, { recursive: true });
    },
  };
}

async function addRelease(
  catalogue: FakeCatalogue,
  folder: string,
  over: Partial<Release>,
  files: Buffer | Readonly<Record<string, Buffer>>,
): Promise<Release> {
  const single = Buffer.isBuffer(files) ? files : undefined;
  const release = sampleRelease({ sequence: catalogue.all.size + 1, ...over }, single);
  const folderHashes = { kind: "folder", sha256: null, sha1: null } as const;
  const added = single === undefined ? { ...release, ...folderHashes } : release;
  for (const [path, bytes] of Object.entries(Buffer.isBuffer(files) ? { "": files } : files)) {
    const target = join(folder, added.product, added.version, added.name, path);
    await mkdir(dirname(target), { recursive: true });
    await writeFile(target, bytes);
  }
  catalogue.all.set(refOf(added), added);
  return added;
}

function fakeSwarms(sent: Sent): Swarms {
  return {
    live: () => Promise.resolve(quietSwarm),
    subscribe: () => () => {},
    sentByHttp: (_, { webSeedBytes = 0, directBytes = 0, directDownloads = 0 }) => {
      sent.webSeedBytes += webSeedBytes;
      sent.directBytes += directBytes;
      sent.directDownloads += directDownloads;
    },
  };
}

function fakeLifecycle(catalogue: FakeCatalogue, payloads: FakePayloads, transfers: Transfers): ReleaseLifecycle {
  return {
    withdraw: async (ref, withdrawal) => {
      const release = catalogue.change(ref, { ...withdrawal, at: Date.UTC(2026, 1, 3) });
      await payloads.quarantine(ref);
      transfers.cut(ref);
      return release;
    },
    restore: async (ref) => {
      await payloads.restore(ref);
      return catalogue.change(ref, null);
    },
    purge: (ref) => payloads.purge(ref),
  };
}

export function randomPayload(lengthBytes: number): Buffer {
  return randomBytes(lengthBytes);
}

export const legalDemand: Omit<Withdrawal, "at"> = {
  kind: "legal",
  reason: "A rights holder says that it may not be shared here.",
  demandedBy: "Rights Ltd",
  vendorUrl: "https://vendor.example/tool",
  replacedBy: null,
  caseId: "2026-1",
};
