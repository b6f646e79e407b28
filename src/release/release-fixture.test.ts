// Keys, releases and repositories in memory, and an origin that serves them, for the tests of this folder. It holds no test.

import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after } from "node:test";
import { CodedError } from "../core/index.ts";
import { buildInfo, buildMetainfo, deriveTwin, layOutPayload, merkleRoot, parseMetainfo } from "../metainfo/index.ts";
import { createRepository } from "./key-ceremony.ts";
import type { MetadataFiles } from "./metadata-documents.ts";
import { openReleaseClient, type ReleaseClient, type ReleaseClientOptions } from "./release-client.ts";
import { parseReleaseRecord, type ReleaseRecord } from "./release-record.ts";
import { Repository } from "./repository.ts";
import { generateSeed, signerFromSeed, type Signer } from "./signing-key.ts";
import type { WithdrawalRecord } from "./withdrawal-record.ts";

export const HOUR = 3_600_000;
export const DAY: number = 24 * HOUR;

export const newSigner = (): Signer => signerFromSeed(generateSeed());

export interface Keys {
  readonly root: readonly Signer[];
  readonly targets: readonly Signer[];
  readonly online: Signer;
}

/** Two of three root keys must sign, as the documentation advises. */
export function newKeys(): Keys {
  return { root: [newSigner(), newSigner(), newSigner()], targets: [newSigner()], online: newSigner() };
}

export function newRepository(keys: Keys, now: number = Date.now()): Repository {
  return Repository.parse(
    createRepository({
      rootSigners: keys.root,
      rootThreshold: 2,
      targetsSigners: keys.targets,
      targetsThreshold: 1,
      onlineSigner: keys.online,
      now,
    }),
  );
}

export interface Sample {
  readonly record: ReleaseRecord;
  readonly metainfo: Buffer;
}

export interface SampleOptions {
  readonly product?: string;
  readonly version?: string;
  readonly channel?: string;
  readonly sequence?: number;
  readonly content?: string;
}

/** A release of one small file. */
export function sample(options: SampleOptions = {}): Sample {
  const { product = "editor", version = "1.0", channel = "stable", sequence = 1 } = options;
  const content = Buffer.from(options.content ?? `${product} ${version}`);
  const name = `${product}.bin`;
  const payload = layOutPayload({
    name,
    version: "hybrid",
    isFolder: false,
    pieceLengthBytes: 16_384,
    entries: [{ kind: "regular", path: [name], lengthBytes: content.length, executable: false, symlinkTarget: null }],
  });
  const digest = (algorithm: string): Buffer => createHash(algorithm).update(content).digest();
  const hashes = { pieces: digest("sha1"), piecesRoots: [merkleRoot(digest("sha256"))] };
  const metainfo = buildMetainfo(buildInfo(payload, hashes), { pieceLayers: new Map() });
  const parsed = parseMetainfo(metainfo);
  const record = parseReleaseRecord({
    schema: 1,
    product,
    version,
    channel,
    sequence,
    name,
    kind: "file",
    fileCount: 1,
    lengthBytes: content.length,
    sha256: digest("sha256").toString("hex"),
    sha1: digest("sha1").toString("hex"),
    infoHashV1: parsed.infoHashV1,
    infoHashV2: parsed.infoHashV2,
    infoHashTwin: createHash("sha1").update(deriveTwin(parsed)).digest("hex"),
    vendor: null,
    notes: "What is new:\n- everything",
    status: "published",
    publishedAt: "2026-11-25T12:00:00Z",
  });
  return { record, metainfo };
}

export function sampleWithdrawal(over: Partial<WithdrawalRecord> = {}): WithdrawalRecord {
  return {
    schema: 1,
    product: "editor",
    version: "1.0",
    kind: "recall",
    at: "2026-11-25T13:00:00Z",
    reason: "It deletes documents",
    demandedBy: null,
    vendorUrl: "https://vendor.example/editor",
    replacedBy: null,
    ...over,
  };
}

/** Publishes with the top-level targets keys. */
export function published(repository: Repository, keys: Keys, release: Sample, now: number = Date.now()): Repository {
  const files = repository.addRelease({ ...release, signers: keys.targets, onlineSigner: keys.online, now });
  return repository.next(files);
}

type Answer = (request: IncomingMessage, response: ServerResponse) => void;

/** An origin on loopback. `files` is what lies where, by URL path; tests put there what an attacker would. */
export interface TestOrigin extends AsyncDisposable {
  readonly url: string;
  readonly files: Map<string, Buffer | Answer>;
  /** The paths that were asked for. */
  readonly asked: string[];
  /** Serves a repository as the origin does, with the .torrents of its releases. */
  serve(files: MetadataFiles, releases?: readonly Sample[]): void;
}

export async function openOrigin(): Promise<TestOrigin> {
  const files = new Map<string, Buffer | Answer>();
  const asked: string[] = [];
  const server = createServer((request, response) => {
    const path = decodeURIComponent((request.url ?? "").split("?")[0] ?? "");
    asked.push(path);
    const answer = files.get(path);
    if (typeof answer === "function") return answer(request, response);
    response.writeHead(answer === undefined ? 404 : 200).end(answer);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    files,
    asked,
    serve: (metadata, releases = []) => {
      for (const [name, bytes] of metadata) files.set(`/tuf/${name}`, bytes);
      const repository = Repository.parse(metadata);
      for (const file of repository.targetFiles().values()) {
        const found = releases.find(({ metainfo }) => sha256(metainfo) === file.sha256);
        const bytes = file.bytes ?? found?.metainfo;
        if (bytes !== undefined) files.set(`/tuf/targets/${file.servedAs}`, bytes);
      }
    },
    async [Symbol.asyncDispose]() {
      server.close();
      server.closeAllConnections();
      await once(server, "close");
    },
  };
}

const sha256 = (bytes: Buffer): string => createHash("sha256").update(bytes).digest("hex");

/** A folder for the tests of one file. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "upswarm-release-"));
  after(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

const folders = { count: 0 };

/** A machine with a memory of its own. */
export function newMachine(root: string): string {
  return join(root, `machine-${++folders.count}`);
}

export function clientOf(
  origin: TestOrigin,
  trustFolder: string,
  over: Partial<ReleaseClientOptions> = {},
): ReleaseClient {
  return openReleaseClient({
    originUrl: `${origin.url}/editor`,
    metadataBaseUrl: `${origin.url}/tuf/`,
    targetBaseUrl: `${origin.url}/tuf/targets/`,
    trustFolder,
    pinnedRoot: null,
    allowFirstUse: true,
    signal: new AbortController().signal,
    ...over,
  });
}

/** For assert.rejects() and assert.throws(): an error of that code with a whole sentence. */
export function refusal(code: string, message: RegExp = /^.{15,}[.!?a-z/]$/su): (error: unknown) => true {
  return (error) => {
    assert.ok(error instanceof CodedError, `${code} was expected, not ${String(error)}`);
    assert.equal(error.code, code, error.message);
    assert.match(error.message, message);
    return true;
  };
}
