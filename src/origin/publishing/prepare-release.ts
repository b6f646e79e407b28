// From a file or folder on disk to a release that lacks only its signature: scanned, copied where it will be served from,
// hashed there, compared with what the vendor published, laid down as hybrid metainfo. Changes nothing but the staged
// folder.

import fs from "node:fs/promises";
import { join } from "node:path";
import {
  buildInfo,
  buildMetainfo,
  checkPathElement,
  layOutPayload,
  parseMetainfo,
  type Payload,
} from "../../metainfo/index.ts";
import {
  hashPayload,
  scanPayload,
  withStorageErrors,
  type HashedPayload,
  type PayloadScan,
  type StorageWorkers,
} from "../../storage/index.ts";
import type { ReleaseRef } from "../domain.ts";
import { digestArtifact, type ArtifactDigests } from "./artifact-digests.ts";
import { copyPayload } from "./payload-copy.ts";
import { checkDetails, draftRelease, wantedDigests, type ReleaseDetails, type ReleaseDraft } from "./release-draft.ts";

export interface PreparationProgress {
  readonly phase: "copying" | "hashing";
  readonly doneBytes: number;
  readonly totalBytes: number;
}

export interface PreparationOptions {
  readonly path: string;
  readonly details: ReleaseDetails;
  /** Of the artifact; by default the path's last element. */
  readonly name?: string | null;
  readonly pieceLengthBytes?: number | null;
  /** The folder that gets a copy, which is what is hashed; null to hash the payload where it is. */
  readonly copyTo: string | null;
  readonly trackers: readonly string[];
  /** Of the site, without a slash at the end. */
  readonly publicUrl: string;
  readonly workers: StorageWorkers;
  readonly onProgress?: ((progress: PreparationProgress) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
}

export interface PreparedRelease {
  readonly draft: ReleaseDraft;
  /** The hybrid .torrent. */
  readonly metainfo: Buffer;
  /** The artifact that was hashed: the copy, or the original. */
  readonly path: string;
  readonly emptyFolderCount: number;
}

/**
 * @throws PublishError publish.vendor-hash, publish.details; MetainfoError, StorageError; the signal's reason
 */
export async function prepareRelease(options: PreparationOptions): Promise<PreparedRelease> {
  const { details, signal, workers, onProgress, copyTo } = options;
  const stop = signal === undefined ? {} : { signal };
  workers.startAll();
  let scan = await scanPayload(options.path, stop);
  const name = checkPathElement(options.name ?? scan.name, "The artifact's name");
  checkDetails(details, scan.isFolder);
  // What cannot become a torrent is refused before it is copied.
  let payload = layOut(scan, name, options);
  if (copyTo !== null) {
    const target = join(copyTo, name);
    await withStorageErrors(copyTo, () => fs.mkdir(copyTo, { recursive: true }));
    await copyPayload(scan, target, { signal, onProgress: (done) => onProgress?.({ phase: "copying", ...done }) });
    scan = await scanPayload(target, stop);
    payload = layOut(scan, name, options);
  }
  const { hashes, digests } = await hashBoth(scan, payload, options);
  const metainfo = buildMetainfo(buildInfo(payload, hashes), {
    pieceLayers: hashes.pieceLayers,
    trackers: options.trackers.map((url) => [url]),
    webSeeds: [webSeedUrl(options.publicUrl, details)],
  });
  // Read back, so that nothing is published that anybody would refuse.
  const draft = draftRelease(parseMetainfo(metainfo), details, digests);
  return { draft, metainfo, path: scan.path, emptyFolderCount: scan.emptyFolderCount };
}

/** What web seeds are asked under: a client adds the artifact's name and what is below (BEP 19). */
export function webSeedUrl(publicUrl: string, { product, version }: ReleaseRef): string {
  return `${publicUrl}/files/${encodeURIComponent(product)}/${encodeURIComponent(version)}/`;
}

function layOut(scan: PayloadScan, name: string, { pieceLengthBytes = null }: PreparationOptions): Payload {
  const { isFolder, entries } = scan;
  const pieceLength = pieceLengthBytes === null ? {} : { pieceLengthBytes };
  return layOutPayload({ name, version: "hybrid", isFolder, entries, ...pieceLength });
}

interface BothHashes {
  readonly hashes: HashedPayload;
  readonly digests: ArtifactDigests | null;
}

/** The pieces' hashes on all I/O threads and beside it the whole file's; where one fails the other is not waited for. */
async function hashBoth(scan: PayloadScan, payload: Payload, options: PreparationOptions): Promise<BothHashes> {
  const { workers, details, onProgress } = options;
  const stop = new AbortController();
  const signal = options.signal === undefined ? stop.signal : AbortSignal.any([options.signal, stop.signal]);
  const totalBytes = payload.layout.lengthBytes;
  const done = { pieces: 0, artifact: scan.isFolder ? Infinity : 0 };
  const tell = (): void => {
    onProgress?.({ phase: "hashing", doneBytes: Math.min(done.pieces, done.artifact, totalBytes), totalBytes });
  };
  const pieces = hashPayload({
    path: scan.path,
    payload,
    workers,
    signal,
    onProgress: ({ doneBytes }) => {
      done.pieces = doneBytes;
      tell();
    },
  });
  const artifact = scan.isFolder
    ? Promise.resolve(null)
    : digestArtifact(scan.path, wantedDigests(details), {
        signal,
        onProgress: (doneBytes) => {
          done.artifact = doneBytes;
          tell();
        },
      });
  try {
    const [hashes, digests] = await Promise.all([pieces, artifact]);
    return { hashes, digests };
  } catch (error) {
    stop.abort(error);
    await Promise.allSettled([pieces, artifact]);
    throw error;
  }
}
