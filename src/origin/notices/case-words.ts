// Statuses and events of cases in words: for the public pages, the administrators' and the command line.

import type { CaseEventKind, CaseState, CaseStatus } from "./case-state.ts";
import { counterElements, noticeElements } from "./elements.ts";

export const statusWords: Readonly<Record<CaseStatus, string>> = {
  received: "received, under review",
  incomplete: "incomplete",
  complied: "complied with: the release is withdrawn",
  "counter-received": "counter-notice received",
  "counter-incomplete": "counter-notice incomplete",
  forwarded: "counter-notice forwarded to the complainant",
  restored: "ended: the release is restored",
  upheld: "ended: the withdrawal stands",
  retracted: "ended: the notice was retracted",
};

/** What a button says that does it. */
export const eventActions: Readonly<Record<CaseEventKind, string>> = {
  comply: "Comply: withdraw the release",
  "find-incomplete": "Mark the notice as incomplete",
  supply: "What was missing came",
  counter: "Record a counter-notice",
  "find-counter-incomplete": "Mark the counter-notice as incomplete",
  forward: "Forward the counter-notice to the complainant",
  restore: "Restore the release",
  "report-action": "Court action was reported: the withdrawal stands",
  close: "Close: the withdrawal stands",
  retract: "The complainant retracted: restore the release",
};

const entryWords: Readonly<Record<string, string>> = {
  received: "Notice received",
  confirmed: "E-mail address confirmed",
  comply: "Complied with: release withdrawn",
  "find-incomplete": "Notice incomplete",
  supply: "Notice completed",
  counter: "Counter-notice received",
  "find-counter-incomplete": "Counter-notice incomplete",
  forward: "Counter-notice forwarded to the complainant",
  restore: "Release restored",
  "report-action": "Court action reported: withdrawal stands",
  close: "Case closed: withdrawal stands",
  retract: "Notice retracted by the complainant",
  erased: "Personal data erased",
};

export function entryText(event: string): string {
  return entryWords[event] ?? event;
}

/** What the state lacks, as sentences' parts. */
export function missingOf(state: CaseState): readonly string[] {
  if (state.status === "incomplete") return state.missing.map((name) => noticeElements[name]);
  if (state.status === "counter-incomplete") return state.missing.map((name) => counterElements[name]);
  return [];
}
