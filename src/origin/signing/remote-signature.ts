// A publisher's signature from elsewhere, at both ends. The publisher signs the next version of its role over what the
// origin has; the origin takes it in only where it says of one new release exactly what the origin has checked itself.
// Invariant: nothing is signed over metadata that does not chain from the root that the publisher knows, and nothing is
// taken in that lists a release which is not here.

import { createHash } from "node:crypto";
import { isDeepStrictEqual } from "node:util";
import { CodedError } from "../../core/index.ts";
import { releasePath, Repository, signTargets, type Signer, type TargetsProposal } from "../../release/index.ts";
import type { SignedFiles } from "../catalogue/catalogue.ts";
import { refOf, type Release } from "../domain.ts";
import { releaseRecordOf } from "./release-record.ts";

export type SignatureErrorCode =
  /** The origin's metadata does not begin with the root that the publisher knows. */
  | "signature.root"
  /** What was sent is not the next version of one role, or says something else than the release. */
  | "signature.content";

export class SignatureError extends CodedError<SignatureErrorCode> {}

export interface PublisherKeys {
  readonly signers: readonly Signer[];
  /** SHA-256 of the origin's first root, hex. */
  readonly rootFingerprint: string;
  readonly now: number;
}

/** The file that the origin is sent. @throws SignatureError signature.root; ReleaseError, KeyError */
export function signForOrigin(
  release: Release,
  metainfo: Buffer,
  current: SignedFiles,
  { signers, rootFingerprint, now }: PublisherKeys,
): SignedFiles {
  const repository = Repository.parse(current);
  if (repository.fingerprint !== rootFingerprint.toLowerCase()) {
    const found = `The origin's root is ${repository.fingerprint}, and not ${rootFingerprint}. Nothing was signed.`;
    throw new SignatureError("signature.root", found);
  }
  const proposal = repository.prepareRelease({ record: releaseRecordOf(release), metainfo, now });
  if (proposal === null) {
    throw new SignatureError(
      "signature.content",
      `${refOf(release)} is signed already, and not listed: sign it as it was.`,
    );
  }
  const { role, bytes } = signTargets(proposal, signers);
  const { version } = (JSON.parse(bytes.toString("utf8")) as { signed: { version: number } }).signed;
  return new Map([[`${version}.${role}.json`, bytes]]);
}

/** What was sent, as a proposal for its role. @throws SignatureError signature.content */
export function proposalOf(sent: SignedFiles): TargetsProposal {
  const [only, ...others] = sent;
  const role = /^\d+\.([^/]+)\.json$/.exec(only?.[0] ?? "")?.[1];
  if (only === undefined || role === undefined || others.length > 0) {
    throw new SignatureError("signature.content", "One file is wanted: VERSION.ROLE.json of the role that signs it.");
  }
  return { role, bytes: only[1] };
}

/** That a change lists this release, as the origin knows it, and no other that is new. @throws SignatureError */
export function checkOnlyAdds(before: Repository, after: Repository, release: Release, metainfo: Buffer): void {
  const known = new Set(before.releases().map(refOf));
  const added = after.releases().filter((record) => !known.has(refOf(record)));
  const [record] = added;
  if (record === undefined || added.length > 1 || !isDeepStrictEqual({ ...record }, { ...releaseRecordOf(release) })) {
    throw new SignatureError("signature.content", `What is signed is not ${refOf(release)} alone, as it was uploaded.`);
  }
  const target = after.targetFile(releasePath(release.product, release.version));
  if (target?.sha256 !== createHash("sha256").update(metainfo).digest("hex")) {
    throw new SignatureError("signature.content", `What is signed is another metainfo than that of ${refOf(release)}.`);
  }
}
