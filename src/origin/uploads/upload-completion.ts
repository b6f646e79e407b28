// The end of an upload: what came is hashed against its metainfo, the publisher's signature is taken in, and the release
// is published as one from the origin's own disk would be. Hashing is done by other threads than the one that serves.
//
// Invariant: nothing is published whose bytes were not compared, here, after they came, with the metainfo that is signed.

import { pieceHash } from "../../metainfo/index.ts";
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
 * Whether what the publisher signed may be taken in, over what is signed now, and says what is true of the release. Gives
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
    await checkPayload(parts.workers, upload);
    const draft = draftRelease(upload.metainfo, details, await digestsOf(upload, details));
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

/** Once: a publisher who has to sign again does not wait for it again. */
async function checkPayload(workers: StorageWorkers, upload: Upload): Promise<void> {
  const { metainfo, artifactPath, lengthBytes } = upload;
  const offset = await upload.offset();
  if (offset < lengthBytes) {
    throw new UploadError("upload.incomplete", `${offset} of ${lengthBytes} bytes have come.`);
  }
  if (upload.isVerified) return;
  await upload.finish();
  const hashes = pieceHash(metainfo, metainfo.pieceLayers);
  const { badPieces, badFiles } = await verifyPayload(metainfo, hashes, artifactPath, { workers });
  const [badPiece] = badPieces;
  if (badPiece === undefined && badFiles.length === 0) {
    upload.isVerified = true;
    return;
  }
  await upload.rewind(badPiece === undefined ? 0 : offsetOfPiece(metainfo.layout, badPiece));
  const what = badFiles[0] === undefined ? metainfo.name : badFiles[0].path.join("/");
  const text = `What came is not what the metainfo says, first in ${what}. It has to be sent again from there.`;
  throw new UploadError("upload.damaged", text, { retryable: true });
}

async function digestsOf(upload: Upload, details: ReleaseDetails): Promise<ArtifactDigests | null> {
  if (upload.metainfo.layout.isFolder) return null;
  const missing = wantedDigests(details).filter((algorithm) => upload.digests[algorithm] === undefined);
  if (missing.length > 0) {
    upload.digests = { ...upload.digests, ...(await digestArtifact(upload.artifactPath, missing)) };
  }
  return upload.digests;
}
