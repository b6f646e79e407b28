// A release's mark: 36 dots whose sizes are the first bits of its info-hash, so that two releases look different at a
// glance. Decoration: nobody should compare pictures where the hash itself can be compared.

import { html, type Html } from "./html.ts";

const SIDE = 6;
/** Two bits a dot; the zero is the smallest dot, so that the grid stays a grid. */
const DIAMETERS = [0.2, 0.42, 0.66, 0.9] as const;

/** Dots are strokes of no length with round ends: six characters each. */
export function releaseMark(infoHash: string, pixels: number): Html {
  const bits = BigInt(`0x${infoHash.slice(0, 18)}`);
  const paths = DIAMETERS.map(() => "");
  for (let dot = 0; dot < SIDE * SIDE; dot++) {
    const size = Number((bits >> BigInt(2 * dot)) & 3n);
    paths[size] += `M${(dot % SIDE) + 0.5} ${Math.floor(dot / SIDE) + 0.5}h0`;
  }
  return html`<svg
    class="mark"
    viewBox="0 0 6 6"
    width="${pixels}"
    height="${pixels}"
    aria-hidden="true"
    focusable="false"
  >
    ${DIAMETERS.map((width, size) => html`<path d="${paths[size]}" stroke-width="${width}" />`)}
  </svg>`;
}
