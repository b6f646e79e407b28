// Progress of work on the local disk (hashing, checking): done of total, the rate so far and what is left.

import type { Clock } from "../../core/index.ts";
import type { ProgressSample } from "./progress.ts";

export interface WorkSample {
  readonly sample: () => ProgressSample;
  readonly onProgress: (progress: { readonly doneBytes: number; readonly totalBytes: number }) => void;
}

/** `totalBytes` is what is expected until the first report. */
export function workSample(phase: string, totalBytes: number, clock: Clock): WorkSample {
  const startMs = clock.now();
  let latest = { doneBytes: 0, totalBytes };
  return {
    onProgress: (progress) => {
      latest = progress;
    },
    sample: () => {
      const { doneBytes, totalBytes } = latest;
      const seconds = (clock.now() - startMs) / 1000;
      // The mean: disks and hashing threads are steady, and a mean does not jump.
      const rate = seconds > 0 ? Math.round(doneBytes / seconds) : 0;
      const etaSeconds = rate > 0 ? Math.round((totalBytes - doneBytes) / rate) : null;
      return { phase, doneBytes, totalBytes, downRate: rate, upRate: 0, peers: 0, seeds: 0, etaSeconds, bytes: null };
    },
  };
}
