// Progress on stderr: a bar on a terminal, a line now and then without one, or one JSON object a line for programs.
// Invariant: never more often than the limits say, however often something happens: the view asks, nobody pushes.

import { PROGRESS_INTERVAL_MS, PROGRESS_PLAIN_INTERVAL_MS } from "../../core/index.ts";
import type { ByteCounts } from "../../swarm/index.ts";
import { barLine, plainLine } from "./progress-line.ts";
import type { StatusLine } from "./status-line.ts";

export interface ProgressSample {
  /** "hashing", "checking", "downloading", "seeding"… */
  readonly phase: string;
  readonly doneBytes: number;
  /** 0 where it is not known yet. */
  readonly totalBytes: number;
  /** Bytes a second. */
  readonly downRate: number;
  readonly upRate: number;
  readonly peers: number;
  readonly seeds: number;
  /** Null where there is no telling. */
  readonly etaSeconds: number | null;
  /** By where they came from, each byte once; null for work on the local disk. */
  readonly bytes: ByteCounts | null;
}

export type ProgressMode = "auto" | "bar" | "plain" | "json" | "none";

export interface ProgressDeps {
  readonly mode: Exclude<ProgressMode, "auto">;
  readonly status: StatusLine;
  readonly columns: () => number;
  readonly color: boolean;
}

/** Shows what `sample` says until disposed; the last state is always shown. */
export function followProgress(sample: () => ProgressSample, deps: ProgressDeps): Disposable {
  if (deps.mode === "none") return { [Symbol.dispose]: () => {} };
  const show = shower(deps);
  let shown = 0;
  const everyMs = deps.mode === "plain" ? PROGRESS_PLAIN_INTERVAL_MS : PROGRESS_INTERVAL_MS;
  const timer = setInterval(() => {
    show(sample());
    shown++;
  }, everyMs);
  timer.unref();
  return {
    [Symbol.dispose]: () => {
      clearInterval(timer);
      // A log file needs no line about what was over before it was worth one.
      if (deps.mode !== "plain" || shown > 0) show(sample());
      deps.status.settle();
    },
  };
}

function shower(deps: ProgressDeps): (sample: ProgressSample) => void {
  if (deps.mode === "json") return (sample) => deps.status.line(JSON.stringify({ type: "progress", ...sample }));
  if (deps.mode === "plain") return (sample) => deps.status.line(plainLine(sample));
  return (sample) => deps.status.show(barLine(sample, deps.columns(), deps.color));
}
