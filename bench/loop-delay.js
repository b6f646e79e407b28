// Loaded into our own process by the benches (`node --import`): how long the event loop kept others waiting, its 99th
// percentile in ms, goes to the file that UPSWARM_BENCH_LOOP_DELAY names when the process ends.

import { writeFileSync } from "node:fs";
import { monitorEventLoopDelay } from "node:perf_hooks";

const RESOLUTION_MS = 1;
const delay = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
delay.enable();

process.once("exit", () => {
  const path = process.env["UPSWARM_BENCH_LOOP_DELAY"];
  if (path !== undefined) writeFileSync(path, String(delay.percentile(99) / 1e6));
});
