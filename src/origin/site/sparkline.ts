// The charts as they are before a script runs, or where none does: lines in a small SVG, without styles or scripts of
// its own. live.js puts an interactive chart in its place.

import { html, type Html } from "./html.ts";

const WIDTH = 600;
const HEIGHT = 120;

export interface SparkSeries {
  /** Of the line's class: what it is. */
  readonly name: "seeds" | "downloading" | "delivered" | "origin";
  readonly values: readonly number[];
}

/** All series share one scale, from zero. The sentence says what the lines show. Null where there is no line yet. */
export function sparkline(sentence: string, series: readonly SparkSeries[]): Html | null {
  const longest = Math.max(...series.map(({ values }) => values.length));
  if (longest < 2) return null;
  const highest = Math.max(1, ...series.flatMap(({ values }) => values));
  const point = (value: number, index: number): string => {
    const x = (index / (longest - 1)) * WIDTH;
    const y = HEIGHT - 2 - (Math.max(value, 0) / highest) * (HEIGHT - 4);
    return `${x.toFixed(1)},${y.toFixed(1)}`;
  };
  return html`<svg class="spark" viewBox="0 0 ${WIDTH} ${HEIGHT}" preserveAspectRatio="none" aria-hidden="true">
      ${series.map(({ name, values }) => html`<polyline class="line-${name}" points="${values.map(point).join(" ")}" />`)}
    </svg>
    <p class="plot-says">${sentence}</p>`;
}
