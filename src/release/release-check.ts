// One check of an origin by The Update Framework (TUF 5, by tuf-js): root, timestamp, snapshot, targets, then targets by
// their paths, all from one moment.
// Invariant: what it finds was signed by the threshold of its role, is no older than what was seen before and has not
// expired. tuf-js works on a copy of what is remembered, and reads the time of the check from the system's clock itself.

import { randomUUID } from "node:crypto";
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Updater } from "tuf-js";
import {
  messageOf,
  RELEASE_CHECK_MS_MAX,
  ROOT_BYTES_MAX,
  ROOT_ROTATIONS_MAX,
  SNAPSHOT_BYTES_MAX,
  TARGETS_BYTES_MAX,
  TIMESTAMP_BYTES_MAX,
} from "../core/index.ts";
import { NetError, type DocumentClient } from "../net/index.ts";
import { MetadataFetcher } from "./metadata-fetcher.ts";
import { ReleaseError } from "./release-error.ts";
import { fingerprintOf } from "./repository-state.ts";
import type { Remembered, TrustStore } from "./trust-store.ts";

type Target = NonNullable<Awaited<ReturnType<Updater["getTargetInfo"]>>>;

/** One state of the repository, verified. */
export interface Check {
  readonly rootFingerprint: string;
  find(path: string): Promise<Target | null>;
  download(target: Target): Promise<Buffer>;
}

/** Whom to ask, and where trust in them begins. */
export interface Trust {
  /** Whose trust is remembered: what a person typed. */
  readonly originUrl: string;
  readonly metadataBaseUrl: string;
  readonly targetBaseUrl: string;
  /** A root that a person vouches for; it then counts instead of the one that is remembered. */
  readonly pinnedRoot: Buffer | null;
  /** Whether an origin of which nothing is known may introduce itself. */
  readonly allowFirstUse: boolean;
  /** An origin was trusted on first use: its root's fingerprint, and where it is remembered. */
  readonly onFirstUse?: (fingerprint: string, path: string) => void;
  readonly signal: AbortSignal;
  /** All of one check; RELEASE_CHECK_MS_MAX unless it is less. */
  readonly checkTimeoutMs?: number;
}

export interface CheckDeps extends Trust {
  readonly store: TrustStore;
  readonly documents: DocumentClient;
}

export async function runCheck<T>(deps: CheckDeps, question: (check: Check) => Promise<T>): Promise<T> {
  const { store, metadataBaseUrl, targetBaseUrl } = deps;
  const timeoutMs = deps.checkTimeoutMs ?? RELEASE_CHECK_MS_MAX;
  const signal = AbortSignal.any([deps.signal, AbortSignal.timeout(timeoutMs)]);
  const folder = await mkdtemp(join(tmpdir(), "upswarm-check-"));
  const fetcher = new MetadataFetcher({ http: deps.documents, signal, targetPath: join(folder, "target.part") });
  try {
    const before = await store.read();
    const { pin, metadata, isFirstUse } = await trusted(before, deps, fetcher);
    const metadataDir = join(folder, "metadata");
    await mkdir(metadataDir);
    for (const [name, bytes] of metadata) await writeFile(join(metadataDir, name), bytes);
    const updater = new Updater({ metadataDir, metadataBaseUrl, targetBaseUrl, fetcher, config: updaterConfig });
    const rootFingerprint = fingerprintOf(pin);
    let isVerified = false;
    try {
      await updater.refresh();
      isVerified = true;
      return await question({
        rootFingerprint,
        find: async (path) => (await updater.getTargetInfo(path)) ?? null,
        download: async (target) => await readFile(await updater.downloadTarget(target, join(folder, randomUUID()))),
      });
    } finally {
      // Also of a check that failed half-way: what was verified up to there holds (TUF 5.3.8, 5.4.5). But an origin that
      // introduces itself is not remembered unless all of its metadata was sound.
      if (isVerified || !isFirstUse) await store.write(before, { pin, metadata: await filesIn(metadataDir) });
      if (isVerified && isFirstUse) deps.onFirstUse?.(rootFingerprint, store.pinPath);
    }
  } catch (error) {
    deps.signal.throwIfAborted();
    throw checkError(error, fetcher, { origin: deps.originUrl, timeoutMs });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

const updaterConfig = {
  maxRootRotations: ROOT_ROTATIONS_MAX,
  rootMaxLength: ROOT_BYTES_MAX,
  timestampMaxLength: TIMESTAMP_BYTES_MAX,
  snapshotMaxLength: SNAPSHOT_BYTES_MAX,
  targetsMaxLength: TARGETS_BYTES_MAX,
};

interface Trusted {
  readonly pin: Buffer;
  readonly metadata: ReadonlyMap<string, Buffer>;
  readonly isFirstUse: boolean;
}

/** Where the chain begins: at the root that a person gives, that is remembered, or that the origin introduces itself by. */
async function trusted(before: Remembered, deps: CheckDeps, fetcher: MetadataFetcher): Promise<Trusted> {
  const { pinnedRoot } = deps;
  if (before.pin !== null && (pinnedRoot === null || pinnedRoot.equals(before.pin))) {
    const root = before.metadata.get("root.json") ?? before.pin;
    return { pin: before.pin, metadata: new Map([...before.metadata, ["root.json", root]]), isFirstUse: false };
  }
  if (pinnedRoot !== null) {
    // Another root than before: what was seen stays as protection against rollback as far as its keys sign it too.
    return { pin: pinnedRoot, metadata: new Map([...before.metadata, ["root.json", pinnedRoot]]), isFirstUse: false };
  }
  if (!deps.allowFirstUse) {
    const message = `Nothing is known of ${deps.originUrl}: give its root with --root FILE.`;
    throw new ReleaseError("release.first-use", message);
  }
  const url = new URL("1.root.json", deps.metadataBaseUrl).href;
  const pin = await fetcher.downloadBytes(url, ROOT_BYTES_MAX);
  return { pin, metadata: new Map([["root.json", pin]]), isFirstUse: true };
}

async function filesIn(folder: string): Promise<ReadonlyMap<string, Buffer>> {
  const names = await readdir(folder);
  return new Map(await Promise.all(names.map(async (name) => [name, await readFile(join(folder, name))] as const)));
}

/** tuf-js's errors have no codes, and some of them only the text of their cause. */
function checkError(
  error: unknown,
  fetcher: MetadataFetcher,
  { origin, timeoutMs }: { readonly origin: string; readonly timeoutMs: number },
): unknown {
  if (error instanceof ReleaseError) return error;
  const { failure } = fetcher;
  if (failure?.code === "net.reply-too-long") {
    return verificationError(`${origin} sent more than its metadata allows: ${failure.message}`, error);
  }
  if (failure !== null) return failure;
  if (error instanceof NetError) return error;
  if (error instanceof DOMException && error.name === "TimeoutError") {
    const message = `${origin} took more than ${timeoutMs} ms to prove a release.`;
    return new NetError("net.timeout", message, { cause: error, retryable: true });
  }
  const text = messageOf(error);
  if (text.endsWith("is expired")) {
    const message = `The signatures of ${origin} are out of date (${text}): its publisher does not keep it, somebody holds back newer ones, or this machine's clock is wrong.`;
    return new ReleaseError("release.expired", message, { cause: error });
  }
  return verificationError(`What ${origin} sent does not verify: ${text}.`, error);
}

function verificationError(message: string, cause: unknown): ReleaseError {
  return new ReleaseError("release.verification", message, { cause });
}
