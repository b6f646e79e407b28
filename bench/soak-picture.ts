// The picture of a soak, an SVG: for each process its memory and its handles over the minutes, and where judging began.

import { WARM_UP_SHARE } from "./soak-judgement.ts";
import type { SoakMetric, SoakSample } from "./soak-judgement.ts";
import type { SoakRun } from "./soak.ts";

const WIDTH = 1_000;
const ROW = 120;
const GAP = 34;
const LEFT = 150;

const MEMORY: readonly Curve[] = [
  { metric: "residentMB", label: "resident", color: "#2878b5" },
  { metric: "heapMB", label: "heap", color: "#d98b00" },
  { metric: "buffersMB", label: "buffers", color: "#2a9d5c" },
];
const HANDLES: readonly Curve[] = [
  { metric: "descriptors", label: "descriptors", color: "#8a4fb0" },
  { metric: "threads", label: "threads", color: "#c22" },
];

interface Curve {
  readonly metric: SoakMetric;
  readonly label: string;
  readonly color: string;
}

export function soakPicture({ processes, minutes }: Pick<SoakRun, "processes" | "minutes">): string {
  const rows: string[] = [];
  let top = 30;
  for (const [name, samples] of Object.entries(processes)) {
    rows.push(panel(samples, MEMORY, { top, title: `${name}, MB`, seconds: minutes * 60 }));
    top += ROW + GAP;
    rows.push(panel(samples, HANDLES, { top, title: `${name}, count`, seconds: minutes * 60 }));
    top += ROW / 2 + GAP;
  }
  return (
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${top}" font-family="sans-serif" font-size="12">\n` +
    `<rect width="100%" height="100%" fill="white"/>\n${rows.join("\n")}\n</svg>\n`
  );
}

interface Place {
  readonly top: number;
  readonly title: string;
  readonly seconds: number;
}

function panel(samples: readonly SoakSample[], curves: readonly Curve[], { top, title, seconds }: Place): string {
  const height = curves === MEMORY ? ROW : ROW / 2;
  const last = Math.max(seconds, samples.at(-1)?.seconds ?? 1);
  const most = Math.max(1, ...samples.flatMap((sample) => curves.map(({ metric }) => sample[metric])));
  const scale = roundUp(most);
  const x = (at: number): string => (LEFT + (at / last) * (WIDTH - LEFT - 20)).toFixed(1);
  const y = (value: number): string => (top + height - (value / scale) * height).toFixed(1);
  const parts = [
    `<rect x="${LEFT}" y="${top}" width="${WIDTH - LEFT - 20}" height="${height}" fill="#f4f4f4"/>`,
    `<rect x="${LEFT}" y="${top}" width="${((WIDTH - LEFT - 20) * WARM_UP_SHARE).toFixed(1)}" height="${height}" fill="#e6e6e6"/>`,
    `<text x="4" y="${top + 12}" font-weight="bold">${title}</text>`,
    `<text x="${LEFT - 6}" y="${top + 10}" text-anchor="end">${scale}</text>`,
    `<text x="${LEFT - 6}" y="${top + height}" text-anchor="end">0</text>`,
  ];
  for (const [index, { metric, label, color }] of curves.entries()) {
    const points = samples.map((sample) => `${x(sample.seconds)},${y(sample[metric])}`).join(" ");
    parts.push(`<text x="4" y="${top + 28 + index * 15}" fill="${color}">${label}</text>`);
    parts.push(`<polyline points="${points}" fill="none" stroke="${color}" stroke-width="1.2"/>`);
  }
  const step = minuteStep(last / 60);
  for (let minute = 0; minute * 60 <= last; minute += step) {
    const at = x(minute * 60);
    parts.push(`<text x="${at}" y="${top + height + 14}" text-anchor="middle" fill="#666">${minute}</text>`);
  }
  return parts.join("\n");
}

/** 1, 2, 5, 10, 20, 50 … */
function roundUp(value: number): number {
  const power = 10 ** Math.floor(Math.log10(value));
  return power * ([1, 2, 5, 10].find((factor) => factor * power >= value) ?? 10);
}

function minuteStep(minutes: number): number {
  return [0.5, 1, 2, 5, 10, 30, 60, 120].find((step) => minutes / step <= 12) ?? 240;
}
