// Asking again and again whether a release was withdrawn, while a machine downloads or seeds it. A check that fails
// changes nothing: whoever can cut a machine off from its origin must not be able to stop it as well.

import { setTimeout as sleep } from "node:timers/promises";
import type { ReleaseClient } from "./release-client.ts";
import { WithdrawnError } from "./release-error.ts";
import type { ReleaseRecord } from "./release-record.ts";

export interface WithdrawalWatch {
  readonly client: Pick<ReleaseClient, "withdrawal">;
  readonly record: ReleaseRecord;
  readonly intervalMs: number;
  readonly signal: AbortSignal;
  /** A check failed; the next one comes. */
  readonly onFailure: (error: unknown) => void;
}

/** Resolves when the signal is aborted. @throws WithdrawnError as soon as a check finds that the release is withdrawn */
export async function watchWithdrawal(watch: WithdrawalWatch): Promise<void> {
  const { client, record, intervalMs, signal, onFailure } = watch;
  for (;;) {
    // A rejection of the sleep is the abort, which the next line tells.
    await sleep(intervalMs, undefined, { signal }).catch(() => {});
    if (signal.aborted) return;
    const withdrawal = await client.withdrawal(record.product, record.version).catch((error: unknown) => {
      if (!signal.aborted) onFailure(error);
      return null;
    });
    if (withdrawal !== null) throw new WithdrawnError(withdrawal);
  }
}
