// Links to pages of others, whose addresses publishers and notices give us. Only http(s) becomes a link: anything else
// (`javascript:`, a typing error) is shown as the text that it is.

import { html, type Html } from "./html.ts";

function isWebAddress(url: string): boolean {
  const parsed = URL.parse(url);
  return parsed !== null && (parsed.protocol === "https:" || parsed.protocol === "http:");
}

/** The address itself where no text is given. */
export function externalLink(url: string, text: string = shortAddress(url)): Html {
  return isWebAddress(url) ? html`<a href="${url}" rel="external noopener noreferrer">${text}</a>` : html`${url}`;
}

function shortAddress(url: string): string {
  return url.replace(/^https?:\/\//, "").replace(/\/$/, "");
}
