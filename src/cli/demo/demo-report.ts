// The figures of a demonstration and their table. Pure. What was measured and what was computed is told apart.

import { formatDuration, formatRate, formatSize } from "../framework/units.ts";

export interface DemoFigures {
  readonly machines: number;
  readonly lengthBytes: number;
  readonly uplinkBytesPerSecond: number;
  /** From the moment the seed was ready, every machine waiting, to each machine's verified artifact; ascending. */
  readonly swarmSeconds: readonly number[];
  /** Payload bytes that the seed sent. */
  readonly originBytes: number;
  readonly direct: { readonly machines: number; readonly seconds: number; readonly sentBytes: number };
}

export interface DemoReport {
  readonly machines: number;
  readonly lengthBytes: number;
  readonly uplinkBytesPerSecond: number;
  readonly swarm: {
    readonly firstSeconds: number;
    readonly medianSeconds: number;
    readonly lastSeconds: number;
    readonly originBytes: number;
    readonly originCopies: number;
    /** The part of all delivered bytes that machines sent, 0 … 1. */
    readonly shareFromMachines: number;
  };
  readonly direct: {
    readonly measuredMachines: number;
    readonly measuredSeconds: number;
    readonly measuredBytes: number;
    /** For all machines: computed from the measured rate. */
    readonly computedSeconds: number;
    readonly computedCopies: number;
  };
  /** max(F / u, N·F / (u + N·u)): no scheme can be faster. */
  readonly boundSeconds: number;
  readonly ratioToBound: number;
  readonly timesFaster: number;
}

export function demoReport(figures: DemoFigures): DemoReport {
  const { machines, lengthBytes, uplinkBytesPerSecond, swarmSeconds, originBytes, direct } = figures;
  const first = swarmSeconds[0] ?? 0;
  const last = swarmSeconds.at(-1) ?? 0;
  const boundSeconds = lowerBound(machines, lengthBytes, uplinkBytesPerSecond);
  const computedSeconds = (machines * lengthBytes * direct.seconds) / direct.sentBytes;
  return {
    machines,
    lengthBytes,
    uplinkBytesPerSecond,
    swarm: {
      firstSeconds: first,
      medianSeconds: median(swarmSeconds),
      lastSeconds: last,
      originBytes,
      originCopies: originBytes / lengthBytes,
      shareFromMachines: Math.max(0, 1 - originBytes / (machines * lengthBytes)),
    },
    direct: {
      measuredMachines: direct.machines,
      measuredSeconds: direct.seconds,
      measuredBytes: direct.sentBytes,
      computedSeconds,
      computedCopies: machines,
    },
    boundSeconds,
    ratioToBound: last / boundSeconds,
    timesFaster: computedSeconds / last,
  };
}

/** Seconds that no scheme can beat: the origin must send one copy, and all uplinks together N copies. */
export function lowerBound(machines: number, lengthBytes: number, uplinkBytesPerSecond: number): number {
  const oneCopy = lengthBytes / uplinkBytesPerSecond;
  const allCopies = (machines * lengthBytes) / (uplinkBytesPerSecond + machines * uplinkBytesPerSecond);
  return Math.max(oneCopy, allCopies);
}

export function demoTable(report: DemoReport): string {
  const { swarm, direct } = report;
  const rows: readonly (readonly [string, string, string])[] = [
    ["", "swarm (measured)", `direct download (${report.machines} machines: computed)`],
    ["first machine", seconds(swarm.firstSeconds), ""],
    ["median machine", seconds(swarm.medianSeconds), ""],
    ["last machine", seconds(swarm.lastSeconds), seconds(direct.computedSeconds)],
    ["origin sent", copies(swarm.originCopies), copies(direct.computedCopies)],
    ["sent by the machines", `${(swarm.shareFromMachines * 100).toFixed(1)} %`, "0.0 %"],
  ];
  const widths = [0, 1].map((column) => Math.max(...rows.map((row) => (row[column] ?? "").length)));
  const lines = rows.map(([label, ours, theirs]) =>
    `  ${label.padEnd(widths[0] ?? 0)}  ${ours.padEnd(widths[1] ?? 0)}  ${theirs}`.trimEnd(),
  );
  return [
    `${report.machines} machines, ${formatSize(report.lengthBytes)}, every uplink ${formatRate(report.uplinkBytesPerSecond)} (${(report.uplinkBytesPerSecond * 8) / 1e6} Mbit/s)`,
    "",
    ...lines,
    "",
    `  measured directly: ${direct.measuredMachines} machines in ${seconds(direct.measuredSeconds)}`,
    `  no scheme can be faster than ${seconds(report.boundSeconds)}; the swarm took ${report.ratioToBound.toFixed(2)} times that,`,
    `  and ${direct.computedSeconds > swarm.lastSeconds ? `${report.timesFaster.toFixed(1)} times less than` : "no less than"} the direct download (${formatDuration(direct.computedSeconds)})`,
  ].join("\n");
}

function median(ascending: readonly number[]): number {
  const middle = ascending.length >> 1;
  const upper = ascending[middle] ?? 0;
  return ascending.length % 2 === 1 ? upper : (upper + (ascending[middle - 1] ?? upper)) / 2;
}

function seconds(value: number): string {
  return `${value.toFixed(1)} s`;
}

function copies(value: number): string {
  return `${value.toFixed(2)} copies`;
}
