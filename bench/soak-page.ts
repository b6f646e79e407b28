// What a soak has shown, as a table for the terminal and as docs/reference/soak.md.

import { cpus } from "node:os";
import { CLIMB_MB_MAX, HANDLES_MORE_MAX, RESTING_MORE_MAX, SLOPE_MB_PER_HOUR_MAX } from "./soak-judgement.ts";
import type { SoakMetric } from "./soak-judgement.ts";
import type { SoakRun } from "./soak.ts";

const COLUMNS: readonly (readonly [metric: SoakMetric, label: string])[] = [
  ["residentMB", "resident MB"],
  ["heapMB", "heap MB"],
  ["buffersMB", "buffers MB"],
  ["descriptors", "descriptors"],
  ["threads", "threads"],
  ["resources", "handles"],
];

export function soakTable({ judgements, ...run }: SoakRun): string {
  const lines = [
    `| process | ${COLUMNS.map(([, label]) => `${label}: median (climb)`).join(" | ")} |`,
    `| --- | ${COLUMNS.map(() => "---").join(" | ")} |`,
  ];
  for (const [name, { trends }] of Object.entries(judgements)) {
    const cells = COLUMNS.map(([metric]) => {
      const trend = trends.find((one) => one.metric === metric);
      const digits = metric.endsWith("MB") ? 1 : 0;
      const climb = trend?.climb ?? 0;
      return `${trend?.median.toFixed(digits)} (${climb >= 0 ? "+" : "−"}${Math.abs(climb).toFixed(digits)})`;
    });
    lines.push(`| ${name} | ${cells.join(" | ")} |`);
  }
  const { completed, added, kills, receivedBytes, minutes } = run;
  const rate = receivedBytes / 1e6 / (minutes * 60);
  return (
    `${lines.join("\n")}\n\nIn ${minutes} minutes ${added} torrents were added and removed, ${completed} downloads completed ` +
    `(${(receivedBytes / 1e9).toFixed(1)} GB, ${rate.toFixed(0)} MB/s all the time), and ${kills} peers were killed.`
  );
}

export function soakPage(run: SoakRun): string {
  const date = new Date().toLocaleDateString("en-GB", { day: "numeric", month: "long", year: "numeric" });
  const isFlat = Object.values(run.judgements).every(({ findings }) => findings.length === 0);
  return `# Half an hour at full speed

\`npm run soak -- --minutes ${run.minutes} --save\` writes this page: a tracker, a seed and two downloading peers, a process each, over loopback as
fast as they can, with churn. Torrents are added and removed all the time, a fifth of the downloads is left and taken up again, and two more
peers are killed at random and come back. Node.js ${process.versions.node}, ${cpus().length} cores, ${date}.

${soakTable(run)}

**${isFlat ? "Flat" : "Not flat"}**, by what the command judges: after a warm-up (the first third, darker in the picture) resident memory may not climb by
more than ${CLIMB_MB_MAX.residentMB} MB nor ${SLOPE_MB_PER_HOUR_MAX.residentMB} MB an hour, heap and buffers not by more than ${CLIMB_MB_MAX.heapMB} MB nor ${SLOPE_MB_PER_HOUR_MAX.heapMB} MB an hour, by a line fitted through all samples;
descriptors, threads and handles may not grow by more than ${HANDLES_MORE_MAX}, from the first quarter's median to the last one's, and at rest, with all
torrents removed, by more than ${RESTING_MORE_MAX}. The heap is what V8 uses between its own collections; none was asked for.

![Memory, descriptors and threads of the four processes over the run](soak.svg)
`;
}
