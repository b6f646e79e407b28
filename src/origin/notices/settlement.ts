// Makes a release withdrawn or brings it back as the cases about it say. It looks at what is and does what is missing, so it
// can be run again at any time: after a crash between the two, after a failure, by two processes. It undoes only withdrawals
// of cases, never a recall, and hands a release that a second case withholds over to that one.

import type { Catalogue } from "../catalogue/catalogue.ts";
import type { Withdrawal } from "../domain.ts";
import type { ReleaseLifecycle } from "../origin-parts.ts";
import type { Case } from "./case-book.ts";
import { withholds } from "./case-state.ts";

export interface SettlementParts {
  readonly catalogue: Catalogue;
  readonly lifecycle: ReleaseLifecycle;
}

export type Settlement = "withdrawn" | "restored" | "handed over" | "nothing to do";

/** `others`: every case about the same release, the case itself among them or not. */
export async function settle(parts: SettlementParts, one: Case, others: readonly Case[]): Promise<Settlement> {
  const release = await parts.catalogue.release(one.ref);
  if (release === null) return "nothing to do";
  const vendorUrl = release.vendor?.url ?? null;
  if (withholds(one.state.status)) {
    if (release.withdrawal !== null) return "nothing to do";
    await parts.lifecycle.withdraw(one.ref, withdrawalFor(one, vendorUrl));
    return "withdrawn";
  }
  if (release.withdrawal?.caseId !== one.id) return "nothing to do";
  const next = others.find((other) => other.id !== one.id && withholds(other.state.status));
  if (next !== undefined) {
    await parts.lifecycle.withdraw(one.ref, withdrawalFor(next, vendorUrl));
    return "handed over";
  }
  await parts.lifecycle.restore(one.ref);
  return "restored";
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
