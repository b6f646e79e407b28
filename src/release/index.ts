// Layer 5: what is released, and who vouches for it. The release repository (The Update Framework, over tuf-js and
// @tufjs/models), its keys, and the client that trusts nothing that the repository's root did not sign.
// Storing and serving the files is the origin's work; who is asked for a passphrase is the command line's.

// Errors
export { KeyError, ReleaseError, WithdrawnError } from "./release-error.ts";
export type { KeyErrorCode, ReleaseErrorCode } from "./release-error.ts";

// Names and records
export { parseChannelName, parseProductName, parseVersion, reservedProductNames, reservedVersions } from "./names.ts";
export { parseReleaseRecord } from "./release-record.ts";
export type { ReleaseRecord, Vendor, VendorHash } from "./release-record.ts";
export { parseWithdrawalRecord } from "./withdrawal-record.ts";
export type { WithdrawalKind, WithdrawalRecord } from "./withdrawal-record.ts";
export { parseChannelPointer } from "./channel-pointer.ts";
export type { ChannelPointer } from "./channel-pointer.ts";
export { channelPath, releasePath, targetNameOf, withdrawalPath } from "./target-paths.ts";
export type { TargetName } from "./target-paths.ts";
export { checkMetainfo } from "./release-metainfo.ts";

// Keys
export { createKeyFile, inspectKeyFile, readKeyFile } from "./key-file.ts";
export type { KeyPurpose, NewKeyFile } from "./key-file.ts";
export { findKeys, openSigners } from "./key-ring.ts";
export type { AskPassphrase, KeyEntry } from "./key-ring.ts";
export type { PublicKey, Signer } from "./signing-key.ts";

// The repository
export { createRepository } from "./key-ceremony.ts";
export type { KeyChange, NewRepository } from "./key-ceremony.ts";
export type { MetadataFiles, RoleKeys } from "./metadata-documents.ts";
export { Repository } from "./repository.ts";
export type { Expiry, TargetFileInfo } from "./repository.ts";
export { signTargets } from "./publication.ts";
export { encodeRecord } from "./target-json.ts";
export type { NewRelease, TargetsProposal } from "./publication.ts";
export type { Delegation } from "./delegation.ts";
export type { DelegationRevocation, KeptReleases, RevokedDelegation } from "./delegation-revocation.ts";
export { fingerprintOf } from "./repository-state.ts";
export type { MetadataStore } from "./metadata-store.ts";

// The client
export { openReleaseClient } from "./release-client.ts";
export type { ReleaseClient, ReleaseClientOptions, VerifiedRelease } from "./release-client.ts";
export { watchWithdrawal } from "./withdrawal-watch.ts";
export type { WithdrawalWatch } from "./withdrawal-watch.ts";
export { parseReleasePage, releasePageUrl } from "./release-page.ts";
export type { ReleasePage } from "./release-page.ts";
