// An instant in the zone whose days count, with the exact time for programs. Other times are UTC: site/page-parts.ts.

import { html, type Html } from "../../site/html.ts";
import { isoTime } from "../../site/quantities.ts";

export function timeIn(timeZone: string, ms: number): Html {
  const shown = new Date(ms).toLocaleString("en-GB", {
    timeZone,
    day: "numeric",
    month: "long",
    year: "numeric",
    hour: "2-digit",
    minute: "2-digit",
    timeZoneName: "short",
  });
  return html`<time datetime="${isoTime(ms)}">${shown}</time>`;
}
