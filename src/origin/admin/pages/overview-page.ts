// /admin: what needs somebody, and how things stand.

import { refOf, type Release } from "../../domain.ts";
import type { SigningStatus } from "../../origin-parts.ts";
import { html, type Html } from "../../site/html.ts";
import type { Case } from "../../notices/case-book.ts";
import { statusWords } from "../../notices/case-words.ts";
import type { ChainCheck } from "../../notices/chain.ts";
import type { WaitingMail } from "../../notices/mail-outbox.ts";
import { timeTag } from "../../notices/pages/time-tag.ts";
import { adminPage, tableOf, type AdminView } from "./frame.ts";

export interface Overview {
  readonly nowMs: number;
  readonly openCases: readonly Case[];
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
  const warnings = warningsOf(overview);
  return adminPage(
    view,
    "/admin",
    "Overview",
    html`${
        warnings.length > 0 &&
        html`<section class="notice problem-summary" aria-labelledby="attention">
          <h2 id="attention">Needs attention</h2>
          <ul>
            ${warnings.map((warning) => html`<li>${warning}</li>`)}
          </ul>
        </section>`
      }
      <h2>Open cases</h2>
      ${tableOf("Open cases", ["Case", "Release", "Status", "Since"], openCases.map(caseRow), "No case is open.")}
      <h2>Withdrawn releases</h2>
      ${tableOf(
        "Withdrawn releases",
        ["Release", "Why", "Since"],
        withdrawn.map((release) => [
          html`<a href="/admin/releases/${refOf(release)}">${refOf(release)}</a>`,
          release.withdrawal?.reason ?? "",
          timeTag(release.withdrawal?.at ?? 0),
        ]),
        "No recent release is withdrawn.",
      )}
      ${
        locked.length > 0 &&
        html`<h2>Sign-ins that have to wait</h2>
          ${tableOf(
            "Sign-ins that have to wait",
            ["Who", "Until"],
            locked.map(({ key, untilMs }) => [key, timeTag(untilMs)]),
            "",
          )}`
      }`,
  );
}

function caseRow(one: Case): readonly (Html | string)[] {
  return [
    html`<a href="/admin/cases/${one.id}">${one.id}</a>`,
    refOf(one.ref),
    statusWords[one.state.status],
    timeTag(one.state.since),
  ];
}

function warningsOf({ openCases, mails, signing, logs, nowMs }: Overview): readonly (Html | string)[] {
  const waiting = openCases.filter(({ state }) => state.status === "received" || state.status === "counter-received");
  const unsettled = openCases.filter(({ isSettled }) => !isSettled);
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
    ...late.map(({ role, expiresAt }) => html`The ${role} metadata expires ${timeTag(expiresAt)}.`),
    ...(signing === null ? ["The state of the signed metadata cannot be read."] : []),
    ...Object.entries(logs).flatMap(([name, check]) =>
      check.isIntact ? [] : [`The log "${name}" is broken: entry ${check.sequence} ${check.reason}.`],
    ),
  ];
}
