// One line of progress as text. Pure: the same sample and width give the same line.

import { styleText } from "node:util";
import { formatDuration, formatRate, formatSize } from "../framework/units.ts";
import type { ByteCounts } from "../../swarm/index.ts";
import type { ProgressSample } from "./progress.ts";

const BAR_CELLS_MAX = 30;
const BAR_CELLS_MIN = 8;

/** `downloading ███████░░░  62 %  128.4 MiB of 207.4 MiB  41.2 MiB/s  12 peers  87 % from peers  2 s left`, cut to fit. */
export function barLine(sample: ProgressSample, columns: number, color: boolean): string {
  const done = fraction(sample);
  const facts = factsOf(sample);
  // The last column stays free: some terminals wrap as soon as it is written.
  const width = Math.max(0, columns - 1);
  let text = "";
  let cells = 0;
  for (;;) {
    text = [...(done === null ? [] : [percent(done)]), ...facts].join("  ");
    const free = width - sample.phase.length - text.length - 3;
    cells = done === null ? 0 : Math.min(BAR_CELLS_MAX, free);
    if (facts.length === 0 || free >= BAR_CELLS_MIN) break;
    facts.pop();
  }
  if (cells < BAR_CELLS_MIN || done === null) return `${sample.phase}  ${text}`.slice(0, width);
  const filled = Math.floor(done * cells);
  const bar = "█".repeat(filled) + "░".repeat(cells - filled);
  const shown = color ? styleText("green", bar, { validateStream: false }) : bar;
  return `${sample.phase} ${shown} ${text}`;
}

/** The same facts for a log file. */
export function plainLine(sample: ProgressSample): string {
  const done = fraction(sample);
  return [`${sample.phase}:`, [...(done === null ? [] : [percent(done).trim()]), ...factsOf(sample)].join(", ")].join(
    " ",
  );
}

/** The share of the bytes received that other downloaders and seeds sent, or null before there are any. */
export function shareFromPeers(bytes: ByteCounts | null): number | null {
  if (bytes === null) return null;
  const fromPeers = bytes.sitePeers + bytes.otherPeers;
  const received = fromPeers + bytes.webSeeds;
  return received === 0 ? null : fromPeers / received;
}

/** In the order of what a person wants to know first, since a narrow terminal shows only the first. */
function factsOf(sample: ProgressSample): string[] {
  const facts: string[] = [];
  const known = sample.totalBytes > 0;
  if (known) facts.push(`${formatSize(sample.doneBytes)} of ${formatSize(sample.totalBytes)}`);
  if (sample.downRate > 0 || fraction(sample) !== 1) facts.push(formatRate(sample.downRate));
  if (sample.etaSeconds !== null && fraction(sample) !== 1) facts.push(`${formatDuration(sample.etaSeconds)} left`);
  if (sample.bytes === null) return facts;
  facts.push(sample.peers === 1 ? "1 peer" : `${sample.peers} peers`);
  const share = shareFromPeers(sample.bytes);
  if (share !== null) facts.push(`${percent(share).trim()} from peers`);
  if (sample.upRate > 0) facts.push(`up ${formatRate(sample.upRate)}`);
  return facts;
}

function fraction(sample: ProgressSample): number | null {
  return sample.totalBytes > 0 ? Math.min(1, sample.doneBytes / sample.totalBytes) : null;
}

/** Rounded down: 100 % is shown only when it is true. */
function percent(share: number): string {
  return `${Math.floor(share * 100)} %`.padStart(5);
}
