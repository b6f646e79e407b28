// Labels and values, one under the other; values that a person wrote keep their lines.

import { html, type Html, type HtmlPart } from "../../site/html.ts";

export type Fact = readonly [label: string, value: HtmlPart];

export function factList(facts: readonly Fact[]): Html {
  return html`<dl class="facts">
    ${facts.map(
      ([label, value]) =>
        html`<div>
          <dt>${label}</dt>
          <dd class="as-written">${value}</dd>
        </div>`,
    )}
  </dl>`;
}
