// The signature of a publisher elsewhere, at both ends. The publisher signs the next version of its role's targets, with
// the keys that the origin does not have; the origin takes that in and signs what leads to it.
//
// Two attacks. An origin that was broken into gives the publisher other targets to sign over, and one signature covers
// them all: so the publisher pins the first root, and what is not signed by its chain is not signed over. A token that was
// stolen uploads one thing with a signature for another: so what was taken in has to list just this release, with just
// this metainfo, and nothing more than before.

import { createHash } from "node:crypto";
import { isDeepStrictEqual } from "node:util";
import type { Clock } from "../../core/index.ts";
import { releasePath, ReleaseError, Repository, signTargets, type Signer } from "../../release/index.ts";
import type { SignRelease } from "../publishing/publish-release.ts";
import type { OriginSigning } from "../signing/origin-signing.ts";
import { releaseRecordOf } from "../signing/release-record.ts";
import type { AcceptSigned } from "./upload-completion.ts";

export interface PublisherKeys {
  readonly signers: readonly Signer[];
  /** SHA-256 of 1.root.json in hex: what `upswarm init` printed, and the site shows. */
  readonly rootFingerprint: string;
  readonly clock: Clock;
}

/** What a publisher sends for `signed`: one document, by its role. */
export function signAsPublisher({ signers, rootFingerprint, clock }: PublisherKeys): SignRelease {
  return (release, metainfo, current) => {
    const repository = Repository.parse(current);
    if (repository.fingerprint !== rootFingerprint.toLowerCase()) {
      const text =
        `The origin's first root is ${repository.fingerprint}, and not ${rootFingerprint}. ` +
        "Nothing was signed: this is another origin, or one that was broken into.";
      return Promise.reject(new ReleaseError("release.signature", text));
    }
    const record = releaseRecordOf(release);
    const proposal = repository.prepareRelease({ record, metainfo, now: clock.wallMs() });
    if (proposal === null) {
      const text = `${release.product} ${release.version} is signed already, and its release is not there.`;
      return Promise.reject(new ReleaseError("release.conflict", text));
    }
    const { role, bytes } = signTargets(proposal, signers);
    return Promise.resolve(new Map([[role, bytes]]));
  };
}

/** @throws (later) ReleaseError where it is not signed well enough, or says another thing than what was uploaded */
export function acceptFromPublisher(signing: OriginSigning): AcceptSigned {
  return async (signed, release, metainfo) => {
    const [entry] = signed;
    if (entry === undefined || signed.size > 1) {
      throw new ReleaseError("release.rejected", "A publisher signs one role's targets for a release.");
    }
    const [role, bytes] = entry;
    const before = await signing.repository();
    const files = await signing.accept({ role, bytes });
    const after = before.next(files);
    const { product, version } = release;
    const target = after.targetFile(releasePath(product, version));
    const record = after.releases().find((each) => each.product === product && each.version === version);
    const isThis =
      target?.sha256 === createHash("sha256").update(metainfo).digest("hex") &&
      isDeepStrictEqual(record, releaseRecordOf(release)) &&
      after.releases().length === before.releases().length + 1;
    if (!isThis) {
      const text = `What was signed is not ${product} ${version} as it was uploaded, or more than that.`;
      throw new ReleaseError("release.rejected", text);
    }
    return files;
  };
}
