// Layer 6: the origin. One process over one folder: signed releases, the site with its three doors, the tracker, the first
// seed, notices and withdrawals. The command line composes it; nothing below knows of it.

export { createOrigin } from "./create-origin.ts";
export type { CreatedOrigin, NewOrigin } from "./create-origin.ts";
export { holdsOrigin } from "./data-folder.ts";
export type { HashAlgorithm, Release, ReleaseRef, Vendor, Withdrawal, WithdrawalKind } from "./domain.ts";
export { addAccount, changePassword, removeAccount } from "./admin/accounts.ts";
export type { AccountParts } from "./admin/accounts.ts";
export type { Case } from "./notices/case-book.ts";
export { possibleEvents } from "./notices/case-state.ts";
export type { CaseEvent } from "./notices/case-state.ts";
export type { ChainHead } from "./notices/chain.ts";
export { isCounterElement, isNoticeElement } from "./notices/elements.ts";
export { NoticeDesk } from "./notices/notice-desk.ts";
export { openOriginFolder } from "./origin-folder.ts";
export type { OriginFolder } from "./origin-folder.ts";
export type { OriginConfig } from "./origin-parts.ts";
export { openMetadataStore } from "./signing/open-metadata-store.ts";
export type { OpenMetadataStore } from "./signing/open-metadata-store.ts";
export { signedAnew } from "./release-lifecycle.ts";
export { prepareRelease } from "./publishing/prepare-release.ts";
export { publishRelease } from "./publishing/publish-release.ts";
export { publishRemotely } from "./uploads/publish-remotely.ts";
export { signAsPublisher } from "./uploads/publisher-signature.ts";
export { backUp } from "./backup/back-up.ts";
export { restoreBackup } from "./backup/restore-backup.ts";
export { TokenStore } from "./access/token-store.ts";
export type { Scope } from "./access/token-store.ts";
export { serveOrigin } from "./serve-origin.ts";
export type { ServedOrigin, ServeOptions } from "./serve-origin.ts";
