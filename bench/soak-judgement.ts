// Whether a process that ran for long holds as much at the end as at the beginning. Pure: samples in, findings out.
//
// Memory: a line is fitted (least squares) through what was sampled after the warm-up, in which code is compiled and pools
// are filled; how far it climbs is judged, not what single samples do, because a heap is a saw. Handles: the medians of
// the first and of the last quarter, since who is connected just then varies.

export interface SoakSample {
  /** Since the beginning of the run. */
  readonly seconds: number;
  readonly residentMB: number;
  readonly heapMB: number;
  readonly externalMB: number;
  readonly buffersMB: number;
  readonly descriptors: number;
  readonly threads: number;
  readonly resources: number;
}

export type SoakMetric = Exclude<keyof SoakSample, "seconds">;
type MemoryMetric = "residentMB" | "heapMB" | "externalMB" | "buffersMB";

/** Of the run is not judged: resident memory comes in steps of some 20 MB, the last of them after five or six minutes. */
export const WARM_UP_SHARE: number = 1 / 3;
/** Memory may climb by so much while it is judged: one such step, or the noise of a heap's saw. */
export const CLIMB_MB_MAX: Readonly<Record<MemoryMetric, number>> = {
  residentMB: 24,
  heapMB: 12,
  externalMB: 12,
  buffersMB: 12,
};
/** … and not faster than that an hour, where there is time enough to tell. */
export const SLOPE_MB_PER_HOUR_MAX: Readonly<Record<MemoryMetric, number>> = {
  residentMB: 60,
  heapMB: 30,
  externalMB: 30,
  buffersMB: 30,
};
/** Too short for a slope: a process that is 10 MB up and down within a second has any. */
export const SLOPE_SECONDS_MIN = 600;
/** Descriptors, threads, handles: so many more, at most. */
export const HANDLES_MORE_MAX = 4;
/** The same at rest, with no torrent and nobody connected: there is nothing that varies. */
export const RESTING_MORE_MAX = 1;

const MEMORY: readonly MemoryMetric[] = ["residentMB", "heapMB", "externalMB", "buffersMB"];
const HANDLES: readonly SoakMetric[] = ["descriptors", "threads", "resources"];

export interface Trend {
  readonly metric: SoakMetric;
  readonly median: number;
  readonly max: number;
  /** An hour, by the fitted line. */
  readonly slopePerHour: number;
  /** Over what was judged: by the fitted line, or of handles from the first quarter's median to the last one's. */
  readonly climb: number;
}

export interface Judgement {
  readonly trends: readonly Trend[];
  /** What is wrong, as sentences. */
  readonly findings: readonly string[];
}

/** `before` and `after`: at rest, at the beginning and at the end; null where that was not looked at. */
export function judge(
  samples: readonly SoakSample[],
  rest: { readonly before: SoakSample; readonly after: SoakSample } | null,
): Judgement {
  const lastSeconds = samples.at(-1)?.seconds ?? 0;
  const judged = samples.filter(({ seconds }) => seconds >= lastSeconds * WARM_UP_SHARE);
  const findings: string[] = [];
  const judgedSeconds = (judged.at(-1)?.seconds ?? 0) - (judged[0]?.seconds ?? 0);
  if (judged.length < 8) findings.push(`There are only ${judged.length} samples.`);
  const trends = [...MEMORY, ...HANDLES].map((metric) => trendOf(metric, judged));
  for (const { metric, slopePerHour, climb } of trends) {
    if (isMemory(metric)) {
      if (climb > CLIMB_MB_MAX[metric])
        findings.push(`${metric} climbs by ${climb.toFixed(1)} in ${judgedSeconds.toFixed(0)} s.`);
      else if (judgedSeconds >= SLOPE_SECONDS_MIN && slopePerHour > SLOPE_MB_PER_HOUR_MAX[metric]) {
        findings.push(`${metric} climbs by ${slopePerHour.toFixed(1)} an hour.`);
      }
    } else if (climb > HANDLES_MORE_MAX) findings.push(`${metric} grow by ${climb}.`);
  }
  for (const metric of rest === null ? [] : HANDLES) {
    const [before, after] = [rest?.before[metric] ?? 0, rest?.after[metric] ?? 0];
    if (after > before + RESTING_MORE_MAX) findings.push(`${metric} at rest: ${before} before, ${after} after.`);
  }
  return { trends, findings };
}

function trendOf(metric: SoakMetric, judged: readonly SoakSample[]): Trend {
  const points = judged.map((sample) => [sample.seconds, sample[metric]] as const);
  const values = points.map(([, value]) => value);
  const slope = slopeOf(points);
  const span = (points.at(-1)?.[0] ?? 0) - (points[0]?.[0] ?? 0);
  const quarter = Math.ceil(values.length / 4);
  const climb = isMemory(metric) ? slope * span : medianOf(values.slice(-quarter)) - medianOf(values.slice(0, quarter));
  return { metric, median: medianOf(values), max: Math.max(...values), slopePerHour: slope * 3600, climb };
}

/** Least squares. */
function slopeOf(points: readonly (readonly [x: number, y: number])[]): number {
  const meanX = points.reduce((sum, [x]) => sum + x, 0) / points.length;
  const meanY = points.reduce((sum, [, y]) => sum + y, 0) / points.length;
  let above = 0;
  let below = 0;
  for (const [x, y] of points) {
    above += (x - meanX) * (y - meanY);
    below += (x - meanX) ** 2;
  }
  return below === 0 ? 0 : above / below;
}

function medianOf(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
}

function isMemory(metric: SoakMetric): metric is MemoryMetric {
  return metric.endsWith("MB");
}
