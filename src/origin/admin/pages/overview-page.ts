// /admin: what needs somebody, and how things stand.

import { refOf, type Release } from "../../domain.ts";
import type { SigningStatus } from "../../origin-parts.ts";
import { releasePath } from "../../site/addresses.ts";
import { html, type Html, type HtmlPart } from "../../site/html.ts";
import type { Case } from "../../notices/case-book.ts";
import { statusWords } from "../../notices/case-words.ts";
import type { ChainCheck } from "../../notices/chain.ts";
import type { WaitingMail } from "../../notices/mail-outbox.ts";
import { callout, minute, section } from "../../site/page-parts.ts";
import { adminPage, tableOf, type AdminView } from "./frame.ts";

export interface Overview {
  readonly nowMs: number;
  readonly openCases: readonly Case[];
  /** Decided and not carried out; ended or not. */
  readonly unsettled: readonly Case[];
  readonly withdrawn: readonly Release[];
  readonly mails: readonly WaitingMail[];
  readonly signing: SigningStatus | null;
  readonly logs: Readonly<Record<"notices" | "audit", ChainCheck>>;
  readonly locked: readonly { readonly key: string; readonly untilMs: number }[];
}

/** What expires sooner should have been signed again: the origin does that at half of its time. */
const EXPIRY_WARNING_MS = 6 * 3_600_000;

export function overviewPage(view: AdminView, overview: Overview): string {
  const { openCases, withdrawn, locked } = overview;
  const cases = tableOf("Cases", ["Case", "Release", "Status", "Since"], openCases.map(caseRow), "No case is open.");
  const releases = tableOf(
    "Of the newest releases",
    ["Release", "Why", "Since"],
    withdrawn.map(releaseRow),
    "None of the newest releases is withdrawn.",
  );
  const waiting = locked.map(({ key, untilMs }) => [key, minute(untilMs)]);
  return adminPage(
    view,
    "/admin",
    "Overview",
    html`${section("attention", "Needs attention", attention(warningsOf(overview)))}
    ${section("cases", "Open cases", cases)} ${section("withdrawn", "Withdrawn", releases)}
    ${
      locked.length > 0 &&
      section("locked", "Locked", tableOf("Sign-ins that have to wait", ["Who", "Until"], waiting, ""))
    }`,
  );
}

function attention(warnings: readonly HtmlPart[]): Html {
  if (warnings.length === 0) return html`<p>Nothing.</p>`;
  const list = html`<ul class="elements">
    ${warnings.map((warning) => html`<li>${warning}</li>`)}
  </ul>`;
  return callout("bad", list);
}

function releaseRow(release: Release): readonly HtmlPart[] {
  const link = html`<a href="/admin/releases${releasePath(release)}">${refOf(release)}</a>`;
  return [link, release.withdrawal?.reason, minute(release.withdrawal?.at ?? 0)];
}

function caseRow(one: Case): readonly (Html | string)[] {
  return [
    html`<a href="/admin/cases/${one.id}">${one.id}</a>`,
    refOf(one.ref),
    statusWords[one.state.status],
    minute(one.state.since),
  ];
}

function warningsOf({ openCases, unsettled, mails, signing, logs, nowMs }: Overview): readonly (Html | string)[] {
  const waiting = openCases.filter(({ state }) => state.status === "received" || state.status === "counter-received");
  const late = signing?.roles.filter(({ expiresAt }) => expiresAt - nowMs < EXPIRY_WARNING_MS) ?? [];
  const givenUp = mails.filter(({ isGivenUp }) => isGivenUp);
  return [
    ...waiting.map(
      (one) => html`<a href="/admin/cases/${one.id}">Case ${one.id}</a>: ${statusWords[one.state.status]}.`,
    ),
    ...unsettled.map(
      (one) =>
        html`Case ${one.id} is decided and not carried out yet. It is tried again every few seconds; the log of the
        process says why.`,
    ),
    ...givenUp.map(({ caseId, recipient }) => `A mail to ${recipient} about case ${caseId} could not be sent.`),
    ...(mails.length > givenUp.length ? [`${mails.length - givenUp.length} mails wait to be sent.`] : []),
    ...late.map(({ role, expiresAt }) => html`The ${role} metadata expires ${minute(expiresAt)}.`),
    ...(signing === null ? ["The state of the signed metadata cannot be read."] : []),
    ...Object.entries(logs).flatMap(([name, check]) =>
      check.isIntact ? [] : [`The log "${name}" is broken: entry ${check.sequence} ${check.reason}.`],
    ),
  ];
}
