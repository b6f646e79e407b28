// Waiting that ends when the person says so.

import { setTimeout as sleep } from "node:timers/promises";

/** setTimeout's own limit: longer waits are several. */
const TIMER_MS_MAX = 2 ** 31 - 1;

/** Resolves after `ms` (Infinity: never) or as soon as the signal is aborted, whichever comes first. Never rejects. */
export async function pause(ms: number, signal: AbortSignal): Promise<void> {
  for (let left = ms; left > 0 && !signal.aborted; left -= TIMER_MS_MAX) {
    await sleep(Math.min(left, TIMER_MS_MAX), undefined, { signal }).catch(() => {});
  }
}
