// Small pieces that several pages are made of: sections with their heading at the side, times, hashes, commands, callouts.

import { html, type Html, type HtmlPart } from "./html.ts";
import { formatDay, formatMinute, isoTime } from "./quantities.ts";

/** `id` is what the page's address can point to. */
export function section(id: string, heading: string, body: HtmlPart): Html {
  return html`<section class="sheet" aria-labelledby="${id}">
    <h2 id="${id}">${heading}</h2>
    <div class="sheet-body">${body}</div>
  </section>`;
}

export function day(ms: number): Html {
  return html`<time datetime="${isoTime(ms)}">${formatDay(ms)}</time>`;
}

export function minute(ms: number): Html {
  return html`<time datetime="${isoTime(ms)}">${formatMinute(ms)}</time>`;
}

/** A value to take along. copy.js puts a button beside it; without it, one click selects the whole. */
export function copyable(value: string, what: string): Html {
  return html`<span class="copyable"><code data-copy="${what}">${value}</code></span>`;
}

export function command(line: string, what: string): Html {
  return html`<div class="command">
    <pre tabindex="0" role="region" aria-label="${what}"><code data-copy="${what}">${line}</code></pre>
  </div>`;
}

export function callout(kind: "good" | "plain" | "bad", body: HtmlPart): Html {
  return html`<div class="callout callout-${kind}">${body}</div>`;
}

export function crumbs(...steps: readonly (readonly [path: string, name: string])[]): Html {
  return html`<nav class="crumbs" aria-label="Where this is">
    <ol>
      ${steps.map(([path, name]) => html`<li><a href="${path}">${name}</a></li>`)}
    </ol>
  </nav>`;
}
