// The picture of a crowd's run, an SVG: one row for each uplink, filled as far as it is busy, with the moment when its
// machine was done; below them the CPU. An idle moment is a gap, and what a crowd takes too long for is the sum of the gaps.

import { linksOf } from "./crowd-case.ts";
import type { CrowdCase, CrowdSize } from "./crowd-case.ts";
import type { CrowdRun } from "./crowd-run.ts";

const WIDTH = 1_200;
const ROW = 26;
const LEFT = 90;
const TICK_SECONDS = 1;

export function timelineSvg(run: CrowdRun, crowdCase: CrowdCase, machines: number, size: CrowdSize): string {
  const { samples, startedAt } = run;
  const endAt = samples.at(-1)?.at ?? startedAt + 1;
  const x = (at: number): number => LEFT + ((at - startedAt) / (endAt - startedAt)) * (WIDTH - LEFT - 10);
  const { uplinkMbit } = linksOf(crowdCase, size);
  const rows: string[] = [];
  for (let host = 0; host <= machines; host++) {
    const share = (index: number): number => {
      const [one, two] = [samples[index - 1], samples[index]];
      const bytes = (two?.sent[host] ?? 0) - (one?.sent[host] ?? 0);
      return (bytes * 8) / 1_000 / ((two?.at ?? 1) - (one?.at ?? 0)) / uplinkMbit(host);
    };
    rows.push(
      area(run, share, { x, top: 20 + host * ROW, label: host === 0 ? "origin" : `machine ${host}`, color: "#2878b5" }),
    );
    const seconds = run.seconds.length === machines ? run.seconds[host - 1] : undefined;
    if (typeof seconds === "number") {
      const at = x(startedAt + seconds * 1_000);
      rows.push(
        `<line x1="${at}" x2="${at}" y1="${20 + host * ROW}" y2="${20 + host * ROW + ROW - 4}" stroke="#c22" stroke-width="2"/>`,
      );
    }
  }
  const bottom = 20 + (machines + 1) * ROW;
  const cpu = (index: number): number => samples[index]?.cpuBusy ?? 0;
  rows.push(area(run, cpu, { x, top: bottom, label: "CPU", color: "#d98b00" }));
  for (let at = startedAt; at <= endAt; at += TICK_SECONDS * 1_000) {
    const label = (at - startedAt) / 1_000;
    rows.push(`<line x1="${x(at)}" x2="${x(at)}" y1="20" y2="${bottom + ROW}" stroke="#0002"/>`);
    rows.push(`<text x="${x(at)}" y="14" text-anchor="middle">${label}</text>`);
  }
  const height = bottom + ROW + 10;
  return (
    `<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" height="${height}" font-family="sans-serif" font-size="11">\n` +
    `<rect width="100%" height="100%" fill="white"/>\n${rows.join("\n")}\n</svg>\n`
  );
}

interface Row {
  readonly x: (at: number) => number;
  readonly top: number;
  readonly label: string;
  readonly color: string;
}

/** A filled curve of shares from 0 to 1, one step a sample, with its mean beside the label. */
function area(run: CrowdRun, share: (index: number) => number, row: Row): string {
  const full = ROW - 4;
  const base = row.top + full;
  const points = [`${row.x(run.startedAt)},${base}`];
  let sum = 0;
  let count = 0;
  for (let index = 1; index < run.samples.length; index++) {
    const { at } = run.samples[index] ?? { at: 0 };
    const before = run.samples[index - 1]?.at ?? 0;
    if (before < run.startedAt) continue;
    const height = Math.min(1, share(index)) * full;
    sum += Math.min(1, share(index));
    count++;
    points.push(`${row.x(before).toFixed(1)},${(base - height).toFixed(1)}`);
    points.push(`${row.x(at).toFixed(1)},${(base - height).toFixed(1)}`);
  }
  points.push(`${row.x(run.samples.at(-1)?.at ?? 0).toFixed(1)},${base}`);
  const mean = Math.round((100 * sum) / Math.max(1, count));
  return (
    `<text x="4" y="${base - 6}">${row.label} ${mean} %</text>` +
    `<rect x="${LEFT}" y="${row.top}" width="${WIDTH - LEFT - 10}" height="${full}" fill="#eee"/>` +
    `<polygon points="${points.join(" ")}" fill="${row.color}"/>`
  );
}
