// /admin/cases: every case, and for each what its senders wrote, its clock and the steps that are possible now.

import { refOf } from "../../domain.ts";
import { releasePath } from "../../site/addresses.ts";
import { html, type Html } from "../../site/html.ts";
import type { Case, CaseRecords } from "../../notices/case-book.ts";
import { hasEnded, possibleEvents, type CaseEventKind, type PutBackWindow } from "../../notices/case-state.ts";
import { eventActions, statusWords } from "../../notices/case-words.ts";
import type { ChainEntry } from "../../notices/chain.ts";
import {
  allCounterElements,
  allNoticeElements,
  counterElements,
  noticeElements,
  statements,
} from "../../notices/elements.ts";
import type { CounterContent, NoticeContent } from "../../notices/notice-fields.ts";
import { missingList, timelineList, windowFacts } from "../../notices/pages/case-page.ts";
import { factList, type Fact } from "../../notices/pages/fact-list.ts";
import { callout, minute, section } from "../../site/page-parts.ts";
import { adminPage, postForm, tableOf, type AdminView } from "./frame.ts";

export function casesPage(
  view: AdminView,
  cases: readonly Case[],
  windowOf: (one: Case) => PutBackWindow | null,
): string {
  const rows = cases.map((one) => {
    const window = windowOf(one);
    return [
      html`<a href="/admin/cases/${one.id}">${one.id}</a>`,
      refOf(one.ref),
      one.organization ?? "a person",
      statusWords[one.state.status],
      window === null ? "" : html`put back from ${minute(window.opensAt)} to ${minute(window.closesAt)}`,
      minute(one.changedAt),
    ];
  });
  return adminPage(
    view,
    "/admin/cases",
    "Cases",
    tableOf(
      "Cases",
      ["Case", "Release", "By", "Status", "Clock", "Changed"],
      rows,
      "No notice was ever received here.",
    ),
  );
}

export interface AdminCaseView {
  readonly one: Case;
  readonly records: CaseRecords;
  readonly timeline: readonly ChainEntry[];
  readonly window: PutBackWindow | null;
  readonly timeZone: string;
  readonly nowMs: number;
  /** Whether mails are sent: where not, the administrator writes to the parties. */
  readonly sendsMail: boolean;
}

export function adminCasePage(view: AdminView, shown: AdminCaseView): string {
  const { one, records, timeline, sendsMail } = shown;
  return adminPage(
    view,
    "/admin/cases",
    `Case ${one.id}`,
    html`${
      !one.isSettled &&
      callout("bad", html`<p>Decided, and not carried out on the release yet: it is tried again every few seconds.</p>`)
    }
    ${section(
      "stand",
      "Where it stands",
      html`${factList([
          ["Status", statusWords[one.state.status]],
          ["Release", html`<a href="/admin/releases${releasePath(one.ref)}">${refOf(one.ref)}</a>`],
          ["Came by", one.via],
          ...windowFacts(shown),
        ])}
        ${missingList(one)}
        <p><a href="/notices/cases/${one.id}">What the public sees</a></p>`,
    )}
    ${section("steps", "Next steps", html`${steps(view, shown)} ${!sendsMail && callout("plain", NO_MAIL)}`)}
    ${records.notices.map(({ content, receivedAt }, index) => noticePart(content, receivedAt, one, index))}
    ${records.counters.map(({ content, receivedAt }, index) => counterPart(content, receivedAt, one, index))}
    ${section("course", "Course", timelineList(timeline))}
    ${hasEnded(one.state.status) && section("erase", "Personal data", erasePart(view, one))}`,
  );
}

const NO_MAIL = html`<p>No mail server is configured: write to the parties yourself. Their addresses are below.</p>`;

function erasePart(view: AdminView, one: Case): Html {
  const button = html`<button type="submit" class="button-danger">Erase personal data</button>`;
  return html`<p>What the senders wrote can be erased now. The public log stays whole.</p>
    ${postForm(view, `/admin/cases/${one.id}/erase`, button)}`;
}

function steps(view: AdminView, { one, records, window, nowMs }: AdminCaseView): Html {
  const events = possibleEvents(one.state.status).filter(
    // A counter-notice comes from its sender; where none has come there is nothing to find in it.
    (kind) => kind !== "counter" && (kind !== "find-counter-incomplete" || records.counters.length > 0),
  );
  if (events.length === 0) return html`<p>The case has ended.</p>`;
  const isEarly = window !== null && nowMs < window.opensAt;
  return html`<div class="steps">
    ${events.map((kind) => stepForm(view, one, kind, kind === "restore" && isEarly))}
  </div>`;
}

function stepForm(view: AdminView, one: Case, kind: CaseEventKind, isEarly: boolean): Html {
  if (isEarly) return html`<p>${eventActions[kind]}: not before the tenth business day has passed.</p>`;
  const elements: readonly (readonly [name: string, words: string])[] =
    kind === "find-incomplete"
      ? allNoticeElements.map((name) => [name, noticeElements[name]])
      : kind === "find-counter-incomplete"
        ? allCounterElements.map((name) => [name, counterElements[name]])
        : [];
  const body = html`<input type="hidden" name="event" value="${kind}" />
    <input type="hidden" name="revision" value="${one.revision}" />
    ${
      elements.length > 0 &&
      html`<fieldset>
        <legend>What is missing</legend>
        ${elements.map(
          ([name, words]) =>
            html`<div class="check">
              <input id="${kind}-${name}" name="missing" type="checkbox" value="${name}" />
              <label for="${kind}-${name}">${words}</label>
            </div>`,
        )}
      </fieldset>`
    }
    <button type="submit" ${kind === "comply" && html`class="button-danger"`}>${eventActions[kind]}</button>`;
  const form = postForm(view, `/admin/cases/${one.id}/move`, body);
  return elements.length === 0
    ? form
    : html`<details>
        <summary>${eventActions[kind]}</summary>
        ${form}
      </details>`;
}

function noticePart(content: NoticeContent | null, receivedAt: number, one: Case, index: number): Html {
  const facts =
    content === null
      ? null
      : ([
          ["Received", minute(receivedAt)],
          ["Work", content.work],
          ["Material", content.material],
          ["Organization", content.organization],
          ["Name", content.name],
          ["E-mail", `${content.email} ${confirmationText(one.confirmation)}`],
          ["Phone", content.phone],
          ["Address", content.address],
          ["Good faith", content.goodFaith ? statements.goodFaith : ""],
          ["Accuracy", content.accuracy ? statements.accuracy : ""],
          ["Signature", content.signature],
        ] as const);
  return section(`notice-${index}`, "Notice", recordPart(facts));
}

function counterPart(content: CounterContent | null, receivedAt: number, one: Case, index: number): Html {
  const facts =
    content === null
      ? null
      : ([
          ["Received", minute(receivedAt)],
          ["Removed material", content.material],
          ["Name", content.name],
          ["E-mail", `${content.email} ${confirmationText(one.counterConfirmation)}`],
          ["Phone", content.phone],
          ["Address", content.address],
          ["Statement", content.mistake ? statements.mistake : ""],
          ["Consent", content.consent ? statements.consent : ""],
          ["Signature", content.signature],
        ] as const);
  return section(`counter-${index}`, "Counter-notice", recordPart(facts));
}

function recordPart(facts: readonly Fact[] | null): Html {
  if (facts === null) return html`<p>What it said was erased.</p>`;
  return factList(facts.map(([label, value]) => [label, value === "" ? "(missing)" : value]));
}

function confirmationText(confirmation: Case["confirmation"]): string {
  return { none: "(not confirmed: no mail was sent)", pending: "(not confirmed yet)", confirmed: "(confirmed)" }[
    confirmation
  ];
}
