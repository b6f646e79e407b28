// What administrators do to releases: withdraw, restore, purge. Each is written into the audit log before it is done, and
// again where it fails, so that nothing is done without a trace. What a case withholds comes back through the case alone,
// and nothing is purged while a case about it is open.

import { CodedError, messageOf } from "../../core/index.ts";
import { ReleaseError } from "../../release/index.ts";
import type { Catalogue } from "../catalogue/catalogue.ts";
import type { Database } from "../database/open-database.ts";
import { refOf, type Release, type ReleaseRef, type Withdrawal, type WithdrawalKind } from "../domain.ts";
import { openStatuses } from "../notices/case-state.ts";
import type { Case } from "../notices/case-book.ts";
import { listCases } from "../notices/case-book.ts";
import { appendEntry } from "../notices/chain-log.ts";
import type { ChainFields } from "../notices/chain.ts";
import type { OriginParts } from "../origin-parts.ts";

export type AdminErrorCode =
  /** It is not possible as things stand; the message says why. */
  | "admin.not-possible"
  /** There is no such release. */
  | "admin.unknown";

export class AdminError extends CodedError<AdminErrorCode> {}

export interface ActionParts {
  readonly catalogue: Catalogue;
  readonly lifecycle: OriginParts["lifecycle"];
  readonly clock: OriginParts["clock"];
  readonly database: Pick<Database, "db">;
}

export interface WithdrawalForm {
  readonly kind: WithdrawalKind;
  readonly reason: string;
  readonly demandedBy: string | null;
  readonly replacedBy: string | null;
}

/** @throws AdminError */
export async function findRelease(catalogue: Catalogue, ref: ReleaseRef): Promise<Release> {
  const release = await catalogue.release(ref);
  if (release === null) throw new AdminError("admin.unknown", `There is no release ${refOf(ref)}.`);
  return release;
}

/** Cases about it that have not ended. */
export async function openCases(parts: ActionParts, ref: ReleaseRef): Promise<readonly Case[]> {
  return listCases(parts.database.db, { ref, statuses: openStatuses });
}

export async function withdrawRelease(
  parts: ActionParts,
  ref: ReleaseRef,
  form: WithdrawalForm,
  actor: string,
): Promise<void> {
  const release = await findRelease(parts.catalogue, ref);
  if (release.withdrawal !== null) throw new AdminError("admin.not-possible", `${refOf(ref)} is withdrawn already.`);
  const withdrawal: Omit<Withdrawal, "at"> = { ...form, vendorUrl: release.vendor?.url ?? null, caseId: null };
  const { kind, reason } = form;
  await act(parts, { event: "release.withdraw", ref, actor, fields: { kind, reason } }, () =>
    parts.lifecycle.withdraw(ref, withdrawal),
  );
}

export async function restoreRelease(parts: ActionParts, ref: ReleaseRef, actor: string): Promise<void> {
  const { withdrawal } = await findRelease(parts.catalogue, ref);
  if (withdrawal === null) throw new AdminError("admin.not-possible", `${refOf(ref)} is not withdrawn.`);
  const holder = (await openCases(parts, ref)).find(({ id }) => id === withdrawal.caseId);
  if (holder !== undefined) {
    throw new AdminError(
      "admin.not-possible",
      `Case ${holder.id} withholds ${refOf(ref)}: it comes back when the case ends that way.`,
    );
  }
  try {
    await act(parts, { event: "release.restore", ref, actor, fields: {} }, () => parts.lifecycle.restore(ref));
  } catch (error) {
    if (error instanceof ReleaseError && error.code === "release.unsigned") {
      throw new AdminError("admin.not-possible", `${error.message} The command: upswarm restore.`);
    }
    throw error;
  }
}

/** `typed`: PRODUCT/VERSION, as the person wrote it. */
export async function purgeRelease(parts: ActionParts, ref: ReleaseRef, typed: string, actor: string): Promise<void> {
  const { withdrawal } = await findRelease(parts.catalogue, ref);
  if (withdrawal === null)
    throw new AdminError("admin.not-possible", `${refOf(ref)} is not withdrawn: only what is withdrawn can be purged.`);
  const open = await openCases(parts, ref);
  if (open.length > 0) {
    const ids = open.map(({ id }) => id).join(", ");
    throw new AdminError(
      "admin.not-possible",
      `A case is open (${ids}): its outcome may be that the release comes back.`,
    );
  }
  if (typed !== refOf(ref)) throw new AdminError("admin.not-possible", `To purge it, type exactly ${refOf(ref)}.`);
  await act(parts, { event: "release.purge", ref, actor, fields: {} }, () => parts.lifecycle.purge(ref));
}

interface Act {
  readonly event: string;
  readonly ref: ReleaseRef;
  readonly actor: string;
  readonly fields: ChainFields;
}

async function act(
  { database, clock }: ActionParts,
  { event, ref, actor, fields }: Act,
  work: () => Promise<unknown>,
): Promise<void> {
  const note = async (suffix: string, more: ChainFields): Promise<void> => {
    const entry = {
      at: clock.wallMs(),
      subject: refOf(ref),
      event: `${event}${suffix}`,
      fields: { by: actor, ...more },
      record: null,
    };
    await database.db.transaction().execute((trx) => appendEntry(trx, "audit", entry));
  };
  await note("", fields);
  try {
    await work();
  } catch (error) {
    await note(".failed", { reason: messageOf(error) });
    throw error;
  }
}
