// What was found: by name, version, vendor, notes or hash. Without a question it asks for one.

import { SITE_QUERY_LENGTH_MAX, SITE_SEARCH_RESULTS_MAX } from "../../../core/index.ts";
import type { Release } from "../../domain.ts";
import { html, type Html } from "../html.ts";
import { layout } from "../layout.ts";
import { counted } from "../quantities.ts";
import { releaseList } from "../release-list.ts";
import type { SiteContext } from "../site-context.ts";

/** The question as it is asked: one, trimmed, of bearable length. */
export function parseQuery(asked: unknown): string {
  const first: unknown = Array.isArray(asked) ? asked[0] : asked;
  return typeof first === "string" ? first.trim().slice(0, SITE_QUERY_LENGTH_MAX).toWellFormed() : "";
}

export async function searchText({ parts, site }: SiteContext, query: string): Promise<string> {
  const found = query === "" ? null : await parts.catalogue.search(query, SITE_SEARCH_RESULTS_MAX);
  return layout({
    site,
    title: query === "" ? "Search" : `Search for ${query}`,
    path: null,
    section: "catalogue",
    isIndexed: false,
    query,
    body: html`<div class="intro">
        <h1>Search</h1>
        <form class="find find-wide" action="/search">
          <label for="q">Name, version, vendor, a word of the notes, or a hash</label>
          <div>
            <input type="search" id="q" name="q" value="${query}" maxlength="${SITE_QUERY_LENGTH_MAX}" />
            <button class="button">Search</button>
          </div>
        </form>
      </div>
      ${found !== null && results(found, query)}`,
  });
}

function results(found: readonly Release[], query: string): Html {
  if (found.length === 0) {
    return html`<div class="empty">
      <h2>Nothing holds “${query}”</h2>
      <p>
        All words of a question have to be there. Try fewer or shorter ones, or look through
        <a href="/#products">all products</a>.
      </p>
    </div>`;
  }
  const count =
    found.length < SITE_SEARCH_RESULTS_MAX ? counted(found.length, "release") : `The first ${found.length} releases`;
  return html`<p class="result-count" role="status">${count} for “${query}”</p>
    ${releaseList(
      found.map((release) => ({ release })),
      2,
    )}`;
}
