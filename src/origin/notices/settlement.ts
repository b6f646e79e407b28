// Makes a release withdrawn or brings it back as the cases about it say. It looks at what is and does what is missing, so it
// can be run again at any time: after a crash between the two, after a failure, by two processes. It undoes only withdrawals
// of cases, never a recall, and only when no other case withholds the release. The first withdrawal's reason stands until then.

import { ReleaseError } from "../../release/index.ts";
import type { Catalogue } from "../catalogue/catalogue.ts";
import type { Withdrawal } from "../domain.ts";
import type { ReleaseLifecycle } from "../origin-parts.ts";
import type { Case } from "./case-book.ts";
import { withholds } from "./case-state.ts";

export interface SettlementParts {
  readonly catalogue: Catalogue;
  readonly lifecycle: ReleaseLifecycle;
}

export type Settlement = "withdrawn" | "restored" | "withheld by another case" | "signed by nobody" | "nothing to do";

/** `all`: every case about the same release, the case itself among them. */
export async function settle(parts: SettlementParts, one: Case, all: readonly Case[]): Promise<Settlement> {
  const release = await parts.catalogue.release(one.ref);
  if (release === null) return "nothing to do";
  if (withholds(one.state.status)) {
    // Of this case already: done again, since what withdraws may have stopped half-way.
    if (release.withdrawal !== null && release.withdrawal.caseId !== one.id) return "nothing to do";
    await parts.lifecycle.withdraw(one.ref, withdrawalFor(one, release.vendor?.url ?? null));
    return "withdrawn";
  }
  // Of any case: where two withheld it, the withdrawal names the first, and the last to end brings it back.
  if (!all.some(({ id }) => id === release.withdrawal?.caseId)) return "nothing to do";
  if (all.some(({ state }) => withholds(state.status))) return "withheld by another case";
  try {
    await parts.lifecycle.restore(one.ref);
    return "restored";
  } catch (error) {
    // Its publisher's keys were taken back meanwhile: that it stays away is no longer the case's doing.
    if (error instanceof ReleaseError && error.code === "release.unsigned") return "signed by nobody";
    throw error;
  }
}

function withdrawalFor(one: Case, vendorUrl: string | null): Omit<Withdrawal, "at"> {
  return {
    kind: "legal",
    reason: `Removed on a notice of claimed infringement (case ${one.id}).`,
    demandedBy: one.organization ?? "a rights holder whose name is not published",
    vendorUrl,
    replacedBy: null,
    caseId: one.id,
  };
}
