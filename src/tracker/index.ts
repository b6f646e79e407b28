// The tracker: who is in which swarm, told over HTTP and UDP from one table (BEP 3, 7, 15, 23, 48). It believes no
// address but the one a request came from, answers nobody at length who has not proven that address, and holds its
// limits whatever is announced.

export { createTracker } from "./create-tracker.ts";
export type { Tracker, TrackerAddress, TrackerOptions, TrackerStats } from "./create-tracker.ts";
export { parseAllowList } from "./allow-list.ts";
export { trackerLimits } from "./limits.ts";
export type { TrackerLimits } from "./limits.ts";
export { TrackerError } from "./tracker-error.ts";
export type { TrackerErrorCode } from "./tracker-error.ts";
