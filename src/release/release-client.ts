// The client's side: asks an origin for a release and believes nothing but what chains from the root that is pinned.
// Each question is one whole check (release-check.ts), answered from one state of the repository, so that nothing is mixed
// from two moments.
// Invariant: what it returns was signed for just the product and version that were asked for, and is not withdrawn.

import { METADATA_REPLY_MS_MAX } from "../core/index.ts";
import type { Metainfo } from "../metainfo/index.ts";
import { DocumentClient, type DocumentClientOptions } from "../net/index.ts";
import { parseChannelPointer } from "./channel-pointer.ts";
import { parseChannelName, parseProductName, parseVersion } from "./names.ts";
import { runCheck, type Check, type Trust } from "./release-check.ts";
import { ReleaseError, WithdrawnError } from "./release-error.ts";
import { checkMetainfo } from "./release-metainfo.ts";
import { parseReleaseRecord, type ReleaseRecord } from "./release-record.ts";
import { channelPath, releasePath, withdrawalPath } from "./target-paths.ts";
import { originFolder, TrustStore } from "./trust-store.ts";
import { parseWithdrawalRecord, type WithdrawalRecord } from "./withdrawal-record.ts";

export interface ReleaseClientOptions extends Trust {
  /** Holds one folder an origin. */
  readonly trustFolder: string;
  readonly http?: DocumentClientOptions;
}

/** A release as its publisher signed it. */
export interface VerifiedRelease {
  readonly record: ReleaseRecord;
  readonly metainfo: Metainfo;
  /** The .torrent's bytes. */
  readonly metainfoBytes: Buffer;
  /** Of the root that the signatures chain from. */
  readonly rootFingerprint: string;
}

export interface ReleaseClient extends AsyncDisposable {
  /** @throws WithdrawnError; ReleaseError release.not-found, release.verification, release.expired, …; NetError */
  newest(product: string, channel: string): Promise<VerifiedRelease>;
  release(product: string, version: string): Promise<VerifiedRelease>;
  /** null where the release is not withdrawn. */
  withdrawal(product: string, version: string): Promise<WithdrawalRecord | null>;
}

/** Asks nobody yet. @throws ReleaseError release.page for a URL that is none */
export function openReleaseClient(options: ReleaseClientOptions): ReleaseClient {
  const origin = URL.parse(options.originUrl);
  if (origin === null) throw new ReleaseError("release.page", `${options.originUrl} is not a URL.`);
  const store = new TrustStore(originFolder(options.trustFolder, origin));
  const documents = new DocumentClient({ replyTimeoutMs: METADATA_REPLY_MS_MAX, ...options.http });
  const ask = <T>(question: (check: Check) => Promise<T>): Promise<T> =>
    runCheck({ ...options, store, documents }, question);
  return {
    newest: (product, channel) =>
      ask(async (check) => {
        const path = channelPath(parseProductName(product), parseChannelName(channel));
        const target = await check.find(path);
        if (target === null) {
          throw new ReleaseError(
            "release.not-found",
            `The origin has no release of ${product} on the channel ${channel}.`,
          );
        }
        const pointer = parseChannelPointer(target.custom);
        if (channelPath(pointer.product, pointer.channel) !== path) {
          throw new ReleaseError(
            "release.pointer",
            `The pointer of ${product}'s channel ${channel} is of another one.`,
          );
        }
        return await releaseOf(check, pointer.product, pointer.version);
      }),
    release: (product, version) => ask((check) => releaseOf(check, parseProductName(product), parseVersion(version))),
    withdrawal: (product, version) =>
      ask((check) => withdrawalOf(check, parseProductName(product), parseVersion(version))),
    [Symbol.asyncDispose]: () => documents[Symbol.asyncDispose](),
  };
}

async function releaseOf(check: Check, product: string, version: string): Promise<VerifiedRelease> {
  // Before the .torrent is asked for: the origin no longer has it where the release was withdrawn.
  const withdrawal = await withdrawalOf(check, product, version);
  if (withdrawal !== null) throw new WithdrawnError(withdrawal);
  const target = await check.find(releasePath(product, version));
  if (target === null) throw new ReleaseError("release.not-found", `The origin has no release ${product} ${version}.`);
  const record = parseReleaseRecord(target.custom);
  if (record.product !== product || record.version !== version) {
    throw new ReleaseError("release.record", `The record of ${product} ${version} is of another release.`);
  }
  const metainfoBytes = await check.download(target);
  const metainfo = checkMetainfo(record, metainfoBytes);
  return { record, metainfo, metainfoBytes, rootFingerprint: check.rootFingerprint };
}

async function withdrawalOf(check: Check, product: string, version: string): Promise<WithdrawalRecord | null> {
  const target = await check.find(withdrawalPath(product, version));
  if (target === null) return null;
  const record = parseWithdrawalRecord(target.custom);
  if (record.product !== product || record.version !== version) {
    throw new ReleaseError(
      "release.withdrawal-record",
      `The withdrawal of ${product} ${version} is of another release.`,
    );
  }
  return record;
}
