// /notices/cases/CASE: where a case stands, its clock and its course, for anybody. Holds nothing but what the public log holds.

import { refOf } from "../../domain.ts";
import type { OriginConfig } from "../../origin-parts.ts";
import { html, type Html } from "../../site/html.ts";
import { layout } from "../../site/layout.ts";
import type { Case } from "../case-book.ts";
import { possibleEvents, type PutBackWindow } from "../case-state.ts";
import { entryText, missingOf, statusWords } from "../case-words.ts";
import type { ChainEntry } from "../chain.ts";
import { timeTag } from "./time-tag.ts";

export interface CaseView {
  readonly one: Case;
  readonly timeline: readonly ChainEntry[];
  readonly window: PutBackWindow | null;
  readonly timeZone: string;
}

export function casePage(config: OriginConfig, view: CaseView): string {
  const { one, timeline } = view;
  const missing = missingOf(one.state);
  return layout({
    site: config,
    title: `Case ${one.id}`,
    path: `/notices/cases/${one.id}`,
    section: "notices",
    body: html`<h1>Case ${one.id}</h1>
      <dl class="facts">
        <dt>Release</dt>
        <dd><a href="/${refOf(one.ref)}">${refOf(one.ref)}</a></dd>
        <dt>Notice by</dt>
        <dd>${one.organization ?? "a person, or an organization that was not named"}</dd>
        <dt>Work</dt>
        <dd>${one.work === "" ? "(not described)" : one.work}</dd>
        <dt>Status</dt>
        <dd>${statusWords[one.state.status]}</dd>
      </dl>
      ${
        missing.length > 0 &&
        html`<p>It lacks:</p>
          <ul>
            ${missing.map((words) => html`<li>${words}</li>`)}
          </ul>`
      }
      ${windowList(view)}
      ${
        possibleEvents(one.state.status).includes("counter") &&
        html`<p class="actions"><a class="button" href="/notices/counter/${one.id}">Send a counter-notice</a></p>`
      }
      <h2>Course</h2>
      ${timelineList(timeline)}`,
  });
}

export function windowList({ window, timeZone }: Pick<CaseView, "window" | "timeZone">): Html | null {
  if (window === null) return null;
  return html`<dl class="facts clock">
    <dt>Restored no sooner than</dt>
    <dd>${timeTag(window.opensAt, timeZone)}</dd>
    <dt>and no later than</dt>
    <dd>${timeTag(window.closesAt, timeZone)}</dd>
  </dl>`;
}

export function timelineList(timeline: readonly ChainEntry[]): Html {
  return html`<ol class="timeline">
    ${timeline.map(
      ({ at, event, fields }) => html`<li>${timeTag(at)} ${entryText(event)}${missingText(fields["missing"])}</li>`,
    )}
  </ol>`;
}

function missingText(missing: unknown): string {
  return Array.isArray(missing) && missing.length > 0 ? `; missing: ${missing.join(", ")}` : "";
}
