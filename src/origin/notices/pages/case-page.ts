// /notices/cases/CASE: where a case stands, its clock and its course, for anybody. Holds nothing but what the public log holds.

import { refOf } from "../../domain.ts";
import type { OriginConfig } from "../../origin-parts.ts";
import { releasePath } from "../../site/addresses.ts";
import { html, type Html } from "../../site/html.ts";
import { layout } from "../../site/layout.ts";
import { callout, crumbs, minute, section } from "../../site/page-parts.ts";
import type { Case } from "../case-book.ts";
import { possibleEvents, type PutBackWindow } from "../case-state.ts";
import { entryText, missingOf, statusWords } from "../case-words.ts";
import type { ChainEntry } from "../chain.ts";
import { factList, type Fact } from "./fact-list.ts";
import { timeIn } from "./zoned-time.ts";

export interface CaseView {
  readonly one: Case;
  readonly timeline: readonly ChainEntry[];
  readonly window: PutBackWindow | null;
  readonly timeZone: string;
}

export function casePage(config: OriginConfig, view: CaseView): string {
  const { one, timeline } = view;
  const isOpenToCounter = possibleEvents(one.state.status).includes("counter");
  return layout({
    site: config,
    title: `Case ${one.id}`,
    path: `/notices/cases/${one.id}`,
    section: "notices",
    styles: ["cases.css"],
    body: html`${crumbs(["/notices", "Notices"], ["/notices/log", "Log"])}
      <div class="intro">
        <h1>Case ${one.id}</h1>
        <p class="lead">${statusWords[one.state.status]}</p>
      </div>
      ${section(
        "facts",
        "What it is about",
        html`${factList([
          ["Release", html`<a href="${releasePath(one.ref)}">${refOf(one.ref)}</a>`],
          ["Notice by", one.organization ?? "a person, or an organization that was not named"],
          ["Work", one.work === "" ? "(not described)" : one.work],
          ...windowFacts(view),
        ])}
        ${missingList(one)}
        ${
          isOpenToCounter &&
          html`<p class="actions"><a class="button" href="/notices/counter/${one.id}">Send a counter-notice</a></p>`
        }`,
      )}
      ${section("course", "Course", timelineList(timeline))}`,
  });
}

/** The clock of the put-back, where it runs. */
export function windowFacts({ window, timeZone }: Pick<CaseView, "window" | "timeZone">): readonly Fact[] {
  if (window === null) return [];
  return [
    ["Restored no sooner than", timeIn(timeZone, window.opensAt)],
    ["and no later than", timeIn(timeZone, window.closesAt)],
  ];
}

export function missingList(one: Case): Html | null {
  const missing = missingOf(one.state);
  if (missing.length === 0) return null;
  const list = html`<ul class="elements">
    ${missing.map((words) => html`<li>${words}</li>`)}
  </ul>`;
  return callout(
    "bad",
    html`<p>It lacks:</p>
      ${list}`,
  );
}

export function timelineList(timeline: readonly ChainEntry[]): Html {
  return html`<ol class="timeline">
    ${timeline.map(({ at, event, fields }) => {
      const { missing } = fields;
      const more = Array.isArray(missing) && missing.length > 0 ? `; missing: ${missing.join(", ")}` : "";
      return html`<li>${minute(at)} ${entryText(event)}${more}</li>`;
    })}
  </ol>`;
}
