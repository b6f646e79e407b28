// What is shown where there is nothing to show: 404, and errors with the id that the log knows the request by. The HTTP
// part decides when; nothing here tells what went wrong inside.

import { html } from "../html.ts";
import { layout, type SiteIdentity } from "../layout.ts";

export function notFoundPage(site: SiteIdentity): string {
  return layout({
    site,
    title: "Not here",
    path: null,
    isIndexed: false,
    body: html`<div class="lost">
      <p class="lost-code">404</p>
      <h1>Nothing is at this address</h1>
      <p class="lead">
        The release may have another name. A release that was withdrawn keeps its page, so this is not one of those.
      </p>
      <form class="find find-wide" action="/search">
        <label for="q">Look for a name, a version or a hash</label>
        <div>
          <input type="search" id="q" name="q" maxlength="200" />
          <button class="button">Search</button>
        </div>
      </form>
      <p><a href="/">All releases</a></p>
    </div>`,
  });
}

export interface ShownError {
  /** 4xx or 5xx. */
  readonly status: number;
  /** A sentence for a person; a general one where it is left out. */
  readonly sentence?: string;
  readonly requestId: string;
}

export function errorPage(site: SiteIdentity, { status, sentence, requestId }: ShownError): string {
  const isOurs = status >= 500;
  return layout({
    site,
    title: isOurs ? "Something failed here" : "This cannot be answered",
    path: null,
    isIndexed: false,
    body: html`<div class="lost">
      <p class="lost-code">${status}</p>
      <h1>${isOurs ? "Something failed here" : "This cannot be answered"}</h1>
      <p class="lead">${sentence ?? sentenceOf(status)}</p>
      <p>If you report it, name this request: <code>${requestId}</code></p>
      <p><a href="/">All releases</a> · <a href="/status">Status of this origin</a></p>
    </div>`,
  });
}

function sentenceOf(status: number): string {
  if (status === 429) return "Too many requests came from your address. Wait a minute and try again.";
  if (status === 503) return "The origin has too much to do or is about to stop. Try again in a minute.";
  if (status >= 500) return "It is not your fault, and it was written to the log. The swarms go on without this page.";
  return "The request is not one that this address takes.";
}
