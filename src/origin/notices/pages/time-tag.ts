// An instant as people read it, in UTC or in the zone whose days count, with the exact time for programs.

import { html, type Html } from "../../site/html.ts";

export function timeTag(ms: number, timeZone = "UTC"): Html {
  const shown = new Date(ms).toLocaleString("en-GB", {
    timeZone,
    day: "numeric",
    month: "long",
    year: "numeric",
    hour: "2-digit",
    minute: "2-digit",
    timeZoneName: "short",
  });
  return html`<time datetime="${new Date(ms).toISOString()}">${shown}</time>`;
}
