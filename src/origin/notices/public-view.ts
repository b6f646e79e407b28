// A case as programs may read it, whoever they are: the API's answers and the command line's.

import { isoTime } from "../site/quantities.ts";
import type { Case } from "./case-book.ts";
import { possibleEvents, type PutBackWindow } from "./case-state.ts";

export interface PublicView {
  readonly case: string;
  readonly product: string;
  readonly version: string;
  readonly status: string;
  readonly missing: readonly string[];
  readonly possible: readonly string[];
  readonly organization: string | null;
  readonly work: string;
  readonly openedAt: string;
  readonly changedAt: string;
  readonly putBack: { readonly opensAt: string; readonly closesAt: string } | null;
  readonly page: string;
}

export function publicView(one: Case, window: PutBackWindow | null, publicUrl: string): PublicView {
  const { id, ref, state, organization, work, openedAt, changedAt } = one;
  return {
    case: id,
    product: ref.product,
    version: ref.version,
    status: state.status,
    missing: "missing" in state ? state.missing : [],
    possible: possibleEvents(state.status),
    organization,
    work,
    openedAt: isoTime(openedAt),
    changedAt: isoTime(changedAt),
    putBack: window === null ? null : { opensAt: isoTime(window.opensAt), closesAt: isoTime(window.closesAt) },
    page: `${publicUrl}/notices/cases/${id}`,
  };
}
