// The limits of src/origin/swarm.

/** How often the origin looks whether another process (publish, withdraw) has changed the catalogue. */
export const ORIGIN_FOLLOW_MS = 500;
/** How often live figures are taken while somebody looks, and for the history. */
export const LIVE_SAMPLE_MS = 2000;
/** A quarter of an hour of them. */
export const LIVE_SAMPLES_MAX = 450;
/** Traffic is gathered so long before it is stored: what a crash may lose of the counters. */
export const TRAFFIC_FLUSH_MS = 10_000;
/** Completions of one machine by several info-hashes of a release come within a second; so many are remembered. */
export const COMPLETIONS_REMEMBERED_MAX = 10_000;
