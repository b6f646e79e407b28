// The demonstration as it runs: a bar for each machine on a terminal, a line a few times otherwise. Pure text from the
// children's own progress.

import type { ProgressSample } from "../output/progress.ts";

const BAR_CELLS = 20;

/** Lines for a terminal of `columns`: two machines a line where they fit. */
export function swarmLines(samples: readonly (ProgressSample | null)[], columns: number): string[] {
  const cells = samples.map((sample, index) => machineCell(index + 1, sample));
  const width = Math.max(...cells.map((cell) => cell.length), 1) + 3;
  const perLine = Math.max(1, Math.floor(columns / width));
  const lines: string[] = [];
  for (let at = 0; at < cells.length; at += perLine) {
    lines.push(
      cells
        .slice(at, at + perLine)
        .map((cell) => cell.padEnd(width))
        .join("")
        .trimEnd(),
    );
  }
  return lines;
}

function machineCell(number: number, sample: ProgressSample | null): string {
  const done = sample === null || sample.totalBytes === 0 ? 0 : sample.doneBytes / sample.totalBytes;
  const filled = Math.floor(done * BAR_CELLS);
  const bar = "█".repeat(filled) + "░".repeat(BAR_CELLS - filled);
  return `${String(number).padStart(3)} ${bar} ${String(Math.floor(done * 100)).padStart(3)} %`;
}

/** `12.3 s  machines have 43 % on average  origin sent 0.52 copies` */
export function swarmSummary(
  samples: readonly (ProgressSample | null)[],
  seed: ProgressSample | null,
  seconds: number,
): string {
  const known = samples.filter((sample) => sample !== null && sample.totalBytes > 0);
  const total = known[0]?.totalBytes ?? 0;
  const average =
    total === 0 ? 0 : known.reduce((sum, sample) => sum + (sample?.doneBytes ?? 0), 0) / (total * samples.length);
  const copies = total === 0 ? 0 : (seed?.bytes?.uploaded ?? 0) / total;
  const percent = Math.floor(average * 100);
  return `${seconds.toFixed(1).padStart(5)} s  machines have ${percent} % on average  origin sent ${copies.toFixed(2)} copies`;
}
