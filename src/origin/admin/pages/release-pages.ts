// /admin/releases: which there are, and for each what can be done to it.

import { refOf, type LiveSwarm, type Release } from "../../domain.ts";
import { releasePath } from "../../site/addresses.ts";
import { html, type Html } from "../../site/html.ts";
import type { Case } from "../../notices/case-book.ts";
import { factList } from "../../notices/pages/fact-list.ts";
import { callout, minute, section } from "../../site/page-parts.ts";
import { counted } from "../../site/quantities.ts";
import { adminPage, problemNote, postForm, tableOf, type AdminView } from "./frame.ts";

export function releasesPage(view: AdminView, releases: readonly Release[], query: string): string {
  const rows = releases.map((release) => [
    html`<a href="/admin/releases${releasePath(release)}">${refOf(release)}</a>`,
    release.channel,
    minute(release.publishedAt),
    release.withdrawal === null ? "published" : `withdrawn (${release.withdrawal.kind})`,
  ]);
  return adminPage(
    view,
    "/admin/releases",
    "Releases",
    html`<form method="get" action="/admin/releases" class="form">
        <div class="field">
          <label for="q">Find a release</label>
          <input id="q" name="q" type="search" value="${query}" />
        </div>
        <button type="submit">Find</button>
      </form>
      ${tableOf("Releases", ["Release", "Channel", "Published", "Status"], rows, query === "" ? "Nothing is published yet." : "Nothing was found.")}`,
  );
}

export interface ReleaseView {
  readonly release: Release;
  readonly live: LiveSwarm | null;
  readonly cases: readonly Case[];
  readonly problem: string | null;
  /** What came back with the problem. */
  readonly typed: Readonly<Record<string, unknown>>;
}

export function releasePage(view: AdminView, shown: ReleaseView): string {
  const { release, live, cases, problem } = shown;
  const { withdrawal } = release;
  return adminPage(
    view,
    "/admin/releases",
    refOf(release),
    html`${problemNote(problem)}
    ${section(
      "facts",
      "What it is",
      html`${factList([
          ["File", release.name],
          ["Vendor", release.vendor?.name ?? "not named"],
          ["Published", minute(release.publishedAt)],
          ["Swarm", live === null ? "not known" : `${counted(live.seeds, "seed")}, ${live.downloading} downloading`],
          ...(cases.length === 0
            ? []
            : [["Open cases", html`${cases.map(({ id }) => html`<a href="/admin/cases/${id}">${id}</a> `)}`] as const]),
        ])}
        <p><a href="${releasePath(release)}">Its public page</a></p>`,
    )}
    ${withdrawal === null ? withdrawPart(view, shown) : withdrawnPart(view, shown)}`,
  );
}

const kinds = [
  ["recall", "Recall: broken or insecure"],
  ["legal", "Legal: on a demand that is not a notice by the form"],
  ["key-compromise", "Key compromise: nothing signed by that key counts"],
] as const;

function withdrawPart(view: AdminView, shown: ReleaseView): Html {
  return section(
    "withdraw",
    "Withdraw",
    html`<p>
        Tracker, web seed, first seed, downloads and page stop within seconds. Machines that run Upswarm stop sharing;
        other BitTorrent programs that have it cannot be recalled.
      </p>
      ${withdrawForm(view, shown)}`,
  );
}

function withdrawForm(view: AdminView, { release, typed }: ReleaseView): Html {
  const text = (name: string): string => (typeof typed[name] === "string" ? typed[name] : "");
  const chosen = text("kind") === "" ? "recall" : text("kind");
  return postForm(
    view,
    `/admin/releases${releasePath(release)}/withdraw`,
    html`<fieldset>
        <legend>Why</legend>
        ${kinds.map(
          ([kind, words]) =>
            html`<div class="check">
              <input id="kind-${kind}" name="kind" type="radio" value="${kind}" ${kind === chosen && html` checked`} />
              <label for="kind-${kind}">${words}</label>
            </div>`,
        )}
      </fieldset>
      <div class="field">
        <label for="reason">Reason, as a sentence for everybody</label>
        <input id="reason" name="reason" type="text" value="${text("reason")}" />
      </div>
      <div class="field">
        <label for="demandedBy">On whose demand (optional, published)</label>
        <input id="demandedBy" name="demandedBy" type="text" value="${text("demandedBy")}" />
      </div>
      <div class="field">
        <label for="replacedBy">Version that replaces it (optional)</label>
        <input id="replacedBy" name="replacedBy" type="text" value="${text("replacedBy")}" />
      </div>
      <button type="submit" class="button-danger">Withdraw ${refOf(release)}</button>`,
  );
}

function withdrawnPart(view: AdminView, shown: ReleaseView): Html {
  const { release, live, cases } = shown;
  const { withdrawal } = release;
  if (withdrawal === null) return html``;
  const action = `/admin/releases${releasePath(release)}`;
  const holder = cases.find(({ id }) => id === withdrawal.caseId);
  return html`${section(
    "withdrawn",
    "Withdrawn",
    html`${factList([
      ["Kind", withdrawal.kind],
      ["Reason", withdrawal.reason],
      ["On whose demand", withdrawal.demandedBy ?? "the publisher’s own decision"],
      ["Since", minute(withdrawal.at)],
    ])}
    ${live !== null && callout("plain", html`<p>${beyondReach(live.seeds + live.downloading)}</p>`)}
    ${
      holder === undefined
        ? postForm(view, `${action}/restore`, html`<button type="submit">Restore ${refOf(release)}</button>`)
        : html`<p>
            Case <a href="/admin/cases/${holder.id}">${holder.id}</a> withholds it: it comes back when the case ends
            that way.
          </p>`
    }`,
  )}
  ${cases.length === 0 && section("purge", "Purge", purgeForm(view, `${action}/purge`, refOf(release)))}`;
}

function beyondReach(peers: number): string {
  return (
    `The tracker last saw ${counted(peers, "machine")} in this swarm. Those that run other BitTorrent programs may go on ` +
    "sharing among themselves: they cannot be recalled."
  );
}

function purgeForm(view: AdminView, action: string, ref: string): Html {
  return html`<p>Deletes the payload for good. The page, the signed metadata and the logs stay.</p>
    ${postForm(
      view,
      action,
      html`<div class="field">
          <label for="typed">To confirm, type ${ref}</label>
          <input id="typed" name="typed" type="text" autocomplete="off" />
        </div>
        <button type="submit" class="button-danger">Purge</button>`,
    )}`;
}
