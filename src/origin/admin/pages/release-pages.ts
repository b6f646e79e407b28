// /admin/releases: which there are, and for each what can be done to it.

import { refOf, type LiveSwarm, type Release } from "../../domain.ts";
import { html, type Html } from "../../site/html.ts";
import type { Case } from "../../notices/case-book.ts";
import { timeTag } from "../../notices/pages/time-tag.ts";
import { adminPage, postForm, tableOf, type AdminView } from "./frame.ts";

export function releasesPage(view: AdminView, releases: readonly Release[], query: string): string {
  const rows = releases.map((release) => [
    html`<a href="/admin/releases/${refOf(release)}">${refOf(release)}</a>`,
    release.channel,
    timeTag(release.publishedAt),
    release.withdrawal === null ? "published" : `withdrawn (${release.withdrawal.kind})`,
  ]);
  return adminPage(
    view,
    "/admin/releases",
    "Releases",
    html`<form method="get" action="/admin/releases" class="form search" role="search">
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
    html`${problem !== null && html`<div class="notice problem-summary" role="alert"><p>${problem}</p></div>`}
      <dl class="facts">
        <dt>File</dt>
        <dd>${release.name}</dd>
        <dt>Vendor</dt>
        <dd>${release.vendor?.name ?? "not named"}</dd>
        <dt>Published</dt>
        <dd>${timeTag(release.publishedAt)}</dd>
        <dt>Swarm</dt>
        <dd>${live === null ? "not known" : `${live.seeds} seeds, ${live.downloading} downloading`}</dd>
      </dl>
      <p><a href="/${refOf(release)}">Its public page</a></p>
      ${cases.length > 0 && html`<p>Open cases: ${cases.map(({ id }) => html`<a href="/admin/cases/${id}">${id}</a> `)}</p>`}
      ${withdrawal === null ? withdrawForm(view, shown) : withdrawnPart(view, shown)}`,
  );
}

const kinds = [
  ["recall", "Recall: broken or insecure"],
  ["legal", "Legal: on a demand that is not a notice by the form"],
  ["key-compromise", "Key compromise: nothing signed by that key counts"],
] as const;

function withdrawForm(view: AdminView, { release, typed }: ReleaseView): Html {
  const text = (name: string): string => (typeof typed[name] === "string" ? typed[name] : "");
  const chosen = text("kind") === "" ? "recall" : text("kind");
  return html`<h2>Withdraw</h2>
    <p>
      Tracker, web seed, first seed, downloads and page stop within seconds. Machines that run Upswarm stop sharing;
      other BitTorrent programs that have it cannot be recalled.
    </p>
    ${postForm(
      view,
      `/admin/releases/${refOf(release)}/withdraw`,
      html`<fieldset>
          <legend>Why</legend>
          ${kinds.map(
            ([kind, words]) =>
              html`<div class="field agreement">
                <input
                  id="kind-${kind}"
                  name="kind"
                  type="radio"
                  value="${kind}"
                  ${kind === chosen && html` checked`}
                />
                <label for="kind-${kind}">${words}</label>
              </div>`,
          )}
        </fieldset>
        <div class="field">
          <label for="reason">Reason, as a sentence for everybody</label>
          <input id="reason" name="reason" type="text" value="${text("reason")}" />
        </div>
        <div class="field">
          <label for="demandedBy">On whose demand <span class="optional">(optional, published)</span></label>
          <input id="demandedBy" name="demandedBy" type="text" value="${text("demandedBy")}" />
        </div>
        <div class="field">
          <label for="replacedBy">Version that replaces it <span class="optional">(optional)</span></label>
          <input id="replacedBy" name="replacedBy" type="text" value="${text("replacedBy")}" />
        </div>
        <button type="submit" class="danger">Withdraw ${refOf(release)}</button>`,
    )}`;
}

function withdrawnPart(view: AdminView, { release, live, cases }: ReleaseView): Html {
  const { withdrawal } = release;
  const ref = refOf(release);
  const holder = cases.find(({ id }) => id === withdrawal?.caseId);
  const peers = live === null ? null : live.seeds + live.downloading;
  return html`<h2>Withdrawn</h2>
    <dl class="facts">
      <dt>Kind</dt>
      <dd>${withdrawal?.kind}</dd>
      <dt>Reason</dt>
      <dd>${withdrawal?.reason}</dd>
      <dt>Since</dt>
      <dd>${timeTag(withdrawal?.at ?? 0)}</dd>
    </dl>
    ${
      peers !== null &&
      html`<p class="notice">
        The tracker last saw ${peers} machines in this swarm. Those that run other BitTorrent programs may go on sharing
        among themselves: they cannot be recalled.
      </p>`
    }
    ${
      holder === undefined
        ? postForm(view, `/admin/releases/${ref}/restore`, html`<button type="submit">Restore ${ref}</button>`)
        : html`<p>
            Case <a href="/admin/cases/${holder.id}">${holder.id}</a> withholds it: it comes back when the case ends
            that way.
          </p>`
    }
    ${
      cases.length === 0 &&
      html`<h2>Purge</h2>
        <p>Deletes the payload for good. The page, the signed metadata and the logs stay.</p>
        ${postForm(
          view,
          `/admin/releases/${ref}/purge`,
          html`<div class="field">
              <label for="typed">To confirm, type ${ref}</label>
              <input id="typed" name="typed" type="text" autocomplete="off" />
            </div>
            <button type="submit" class="danger">Purge</button>`,
        )}`
    }`;
}
