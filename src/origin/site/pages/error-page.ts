// What is shown where there is nothing to show: 404 with a search, and errors, with the id that the log knows the request
// by. The HTTP part decides when; nothing here tells what went wrong inside.

import { SITE_QUERY_LENGTH_MAX } from "../../../core/index.ts";
import { html } from "../html.ts";
import { layout, type SiteIdentity } from "../layout.ts";

export interface ShownError {
  /** 4xx or 5xx. */
  readonly status: number;
  /** A sentence for a person. */
  readonly sentence: string;
  readonly requestId: string;
}

export function errorPage(site: SiteIdentity, { status, sentence, requestId }: ShownError): string {
  const title = titleOf(status);
  return layout({
    site,
    title,
    path: null,
    isIndexed: false,
    body: html`<div class="lost">
      <p class="lost-code">${status}</p>
      <h1>${title}</h1>
      <p class="lead">${sentence}</p>
      ${status === 404 ? searchForm : html`<p>${whatNow(status)}</p>`}
      <p><a href="/">All releases</a> · <a href="/status">Status of this origin</a></p>
      <p class="lost-request">Request <code>${requestId}</code></p>
    </div>`,
  });
}

const searchForm = html`<p>It may have another name. Releases that were withdrawn keep their pages.</p>
  <form class="find find-wide" action="/search">
    <label for="q">Look for a name, a version or a hash</label>
    <div>
      <input type="search" id="q" name="q" maxlength="${SITE_QUERY_LENGTH_MAX}" />
      <button class="button">Search</button>
    </div>
  </form>`;

function titleOf(status: number): string {
  if (status === 404) return "Not found";
  if (status === 429) return "Too many requests";
  return status >= 500 ? "Something failed here" : "This cannot be answered";
}

function whatNow(status: number): string {
  if (status === 429) return "Wait a minute and try again. Downloads are not counted.";
  if (status === 503) return "Try again in a minute.";
  if (status >= 500)
    return "It is not your fault. If you report it, name the request below. The swarms go on without this page.";
  return "Go back and try it in another way.";
}
