// The end of an upload: what came is hashed against its metainfo, the publisher's signature is taken in, and the release
// is published as one from the origin's own disk would be. Hashing is done by other threads than the one that serves.
//
// Invariant: nothing is published whose bytes were not compared, here, after they came, with the metainfo that is signed.

import { pieceHash, type Metainfo } from "../../metainfo/index.ts";
import { verifyPayload, type StorageWorkers } from "../../storage/index.ts";
import type { SignedFiles } from "../catalogue/catalogue.ts";
import type { Release } from "../domain.ts";
import { digestArtifact, type ArtifactDigests } from "../publishing/artifact-digests.ts";
import {
  publishRelease,
  type Publication,
  type PublishingParts,
  type PublishOutcome,
} from "../publishing/publish-release.ts";
import { checkDetails, draftRelease, wantedDigests, type ReleaseDetails } from "../publishing/release-draft.ts";
import { offsetOfPiece } from "./payload-sequence.ts";
import { UploadError } from "./upload-error.ts";
import { signedFromJson, type CompletionRequest } from "./upload-protocol.ts";
import type { UploadStore } from "./upload-store.ts";
import type { Upload } from "./upload.ts";

/**
 * Whether what the publisher signed (by role) may be taken in, over what is signed now, and says what is true of the release. Gives
 * all files that are new with it: the publisher's and the origin's own (snapshot, timestamp).
 */
export type AcceptSigned = (
  signed: SignedFiles,
  release: Release,
  metainfo: Buffer,
  current: SignedFiles,
) => Promise<SignedFiles>;

export interface CompletionParts extends PublishingParts {
  readonly uploads: UploadStore;
  readonly workers: StorageWorkers;
  readonly accept: AcceptSigned;
}

/**
 * Goes on where the publisher goes away meanwhile; the publisher who asks again gets what came of it.
 * @throws UploadError upload.incomplete, upload.damaged, upload.unknown; PublishError; what `accept` throws
 */
export function completeUpload(
  parts: CompletionParts,
  upload: Upload,
  request: CompletionRequest,
): Promise<PublishOutcome> {
  return upload.alone(async () => {
    // Somebody who asked before may have completed it.
    parts.uploads.get(upload.id);
    const { channel, vendor, notes, sequence, publishedAt } = request;
    const details: ReleaseDetails = { ...upload.ref, channel, vendor, notes };
    checkDetails(details, upload.metainfo.layout.isFolder);
    await checkPayload(parts.workers, upload, details);
    const draft = draftRelease(upload.metainfo, details, upload.digests);
    const outcome = await publishOrRecount(parts, upload, {
      draft,
      metainfo: upload.metainfoBytes,
      staged: { folder: upload.payloadFolder, [Symbol.asyncDispose]: () => Promise.resolve() },
      sign: (release, metainfo, current) => parts.accept(signedFromJson(request.signed), release, metainfo, current),
      signedAs: { sequence, publishedAt },
    });
    await parts.uploads.remove(upload);
    return outcome;
  });
}

/** A publish that fails at its very end takes the payload with it; the upload then begins anew. */
async function publishOrRecount(
  parts: CompletionParts,
  upload: Upload,
  publication: Publication,
): Promise<PublishOutcome> {
  try {
    return await publishRelease(parts, publication);
  } catch (error) {
    await upload.recount();
    throw error;
  }
}

/**
 * Compares what came with the metainfo, and takes the artifact's digests. Once: a publisher who has to sign again does
 * not wait for it again. @throws UploadError upload.incomplete, upload.damaged
 */
async function checkPayload(workers: StorageWorkers, upload: Upload, details: ReleaseDetails): Promise<void> {
  const { metainfo, artifactPath, lengthBytes } = upload;
  const offset = await upload.offset();
  if (offset < lengthBytes) {
    throw new UploadError("upload.incomplete", `${offset} of ${lengthBytes} bytes have come.`);
  }
  if (!upload.isVerified) await upload.finish();
  // Both at once: one is for the I/O threads, the other for a thread of its own.
  const verifying = upload.isVerified ? null : verifyPayload(metainfo, hashesOf(metainfo), artifactPath, { workers });
  const [verdict, digests] = await Promise.all([verifying, digestsOf(upload, details)]);
  const { badPieces, badFiles } = verdict ?? { badPieces: [], badFiles: [] };
  if (badPieces.length > 0 || badFiles.length > 0) {
    const [badPiece] = badPieces;
    await upload.rewind(badPiece === undefined ? 0 : offsetOfPiece(metainfo.layout, badPiece));
    const what = badFiles[0] === undefined ? metainfo.name : badFiles[0].path.join("/");
    const text = `What came is not what the metainfo says, first in ${what}. It has to be sent again from there.`;
    throw new UploadError("upload.damaged", text, { retryable: true });
  }
  upload.isVerified = true;
  upload.digests = digests;
}

function hashesOf(metainfo: Metainfo): ReturnType<typeof pieceHash> {
  return pieceHash(metainfo, metainfo.pieceLayers);
}

/** Those that are wanted, and those that were taken before. */
async function digestsOf(upload: Upload, details: ReleaseDetails): Promise<ArtifactDigests> {
  if (upload.metainfo.layout.isFolder) return {};
  const missing = wantedDigests(details).filter((algorithm) => upload.digests[algorithm] === undefined);
  if (missing.length === 0) return upload.digests;
  return { ...upload.digests, ...(await digestArtifact(upload.artifactPath, missing)) };
}
