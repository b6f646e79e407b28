// /admin/cases: every case, and for each what its senders wrote, its clock and the steps that are possible now.

import { refOf } from "../../domain.ts";
import { html, type Html } from "../../site/html.ts";
import type { Case, CaseRecords } from "../../notices/case-book.ts";
import { hasEnded, possibleEvents, type CaseEventKind, type PutBackWindow } from "../../notices/case-state.ts";
import { eventActions, missingOf, statusWords } from "../../notices/case-words.ts";
import type { ChainEntry } from "../../notices/chain.ts";
import {
  allCounterElements,
  allNoticeElements,
  counterElements,
  noticeElements,
  statements,
} from "../../notices/elements.ts";
import type { CounterContent, NoticeContent } from "../../notices/notice-fields.ts";
import { timelineList, windowList } from "../../notices/pages/case-page.ts";
import { timeTag } from "../../notices/pages/time-tag.ts";
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
      window === null ? "" : html`put back from ${timeTag(window.opensAt)} to ${timeTag(window.closesAt)}`,
      timeTag(one.changedAt),
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
  const missing = missingOf(one.state);
  return adminPage(
    view,
    "/admin/cases",
    `Case ${one.id}`,
    html`<dl class="facts">
        <dt>Release</dt>
        <dd><a href="/admin/releases/${refOf(one.ref)}">${refOf(one.ref)}</a></dd>
        <dt>Status</dt>
        <dd>${statusWords[one.state.status]}</dd>
        <dt>Came by</dt>
        <dd>${one.via}</dd>
      </dl>
      ${!one.isSettled && html`<p class="notice">Decided, and not carried out on the release yet: it is tried again every few seconds.</p>`}
      ${
        missing.length > 0 &&
        html`<p>It lacks:</p>
          <ul>
            ${missing.map((words) => html`<li>${words}</li>`)}
          </ul>`
      }
      ${windowList(shown)}
      <h2>Next steps</h2>
      ${steps(view, shown)}
      ${!sendsMail && html`<p class="notice">No mail server is configured: write to the parties yourself. Their addresses are below.</p>`}
      ${records.notices.map(({ content, receivedAt }) => noticePart(content, receivedAt, one))}
      ${records.counters.map(({ content, receivedAt }) => counterPart(content, receivedAt, one))}
      <h2>Course</h2>
      ${timelineList(timeline)}
      <p><a href="/notices/cases/${one.id}">What the public sees</a></p>
      ${
        hasEnded(one.state.status) &&
        html`<h2>Personal data</h2>
          <p>What the senders wrote can be erased now. The public log stays whole.</p>
          ${postForm(view, `/admin/cases/${one.id}/erase`, html`<button type="submit" class="danger">Erase personal data</button>`)}`
      }`,
  );
}

function steps(view: AdminView, { one, window, nowMs }: AdminCaseView): Html {
  const events = possibleEvents(one.state.status).filter((kind) => kind !== "counter");
  if (events.length === 0) return html`<p class="empty">The case has ended.</p>`;
  return html`<div class="steps">
    ${events.map((kind) => stepForm(view, one, kind, kind === "restore" && window !== null && nowMs < window.opensAt))}
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
            html`<div class="field agreement">
              <input id="${kind}-${name}" name="missing" type="checkbox" value="${name}" />
              <label for="${kind}-${name}">${words}</label>
            </div>`,
        )}
      </fieldset>`
    }
    <button type="submit" ${kind === "comply" && html`class="danger"`}>${eventActions[kind]}</button>`;
  const form = postForm(view, `/admin/cases/${one.id}/move`, body);
  return elements.length === 0
    ? form
    : html`<details>
        <summary>${eventActions[kind]}</summary>
        ${form}
      </details>`;
}

function noticePart(content: NoticeContent | null, receivedAt: number, one: Case): Html {
  if (content === null) return erasedPart("Notice", receivedAt);
  return html`<h2>Notice, ${timeTag(receivedAt)}</h2>
    ${factsOf([
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
    ])}`;
}

function counterPart(content: CounterContent | null, receivedAt: number, one: Case): Html {
  if (content === null) return erasedPart("Counter-notice", receivedAt);
  return html`<h2>Counter-notice, ${timeTag(receivedAt)}</h2>
    ${factsOf([
      ["Removed material", content.material],
      ["Name", content.name],
      ["E-mail", `${content.email} ${confirmationText(one.counterConfirmation)}`],
      ["Phone", content.phone],
      ["Address", content.address],
      ["Statement", content.mistake ? statements.mistake : ""],
      ["Consent", content.consent ? statements.consent : ""],
      ["Signature", content.signature],
    ])}`;
}

function erasedPart(what: string, receivedAt: number): Html {
  return html`<h2>${what}, ${timeTag(receivedAt)}</h2>
    <p class="empty">Erased.</p>`;
}

function confirmationText(confirmation: Case["confirmation"]): string {
  return { none: "(not confirmed: no mail was sent)", pending: "(not confirmed yet)", confirmed: "(confirmed)" }[
    confirmation
  ];
}

function factsOf(rows: readonly (readonly [label: string, value: string])[]): Html {
  return html`<dl class="facts">
    ${rows.map(
      ([label, value]) =>
        html`<dt>${label}</dt>
          <dd class="as-typed">${value.trim() === "" ? "(missing)" : value}</dd>`,
    )}
  </dl>`;
}
