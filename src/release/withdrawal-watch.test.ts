import assert from "node:assert/strict";
import { test } from "node:test";
import type { ReleaseClient } from "./release-client.ts";
import { refusal, sample, sampleWithdrawal } from "./release-fixture.test.ts";
import { watchWithdrawal } from "./withdrawal-watch.ts";
import type { WithdrawalRecord } from "./withdrawal-record.ts";

/** A client whose checks end so, one after the other; what comes after the last is null. */
function clientWith(answers: readonly (() => WithdrawalRecord | null)[]): Pick<ReleaseClient, "withdrawal"> {
  const left = [...answers];
  return { withdrawal: async () => await Promise.resolve().then(left.shift() ?? (() => null)) };
}

const { record } = sample();

const down = (): never => {
  throw new Error("down");
};
const unexpected = (): never => assert.fail("an abort is no failure");

test("watchWithdrawal() goes on after checks that fail, and ends when one finds a withdrawal", async () => {
  const failures: unknown[] = [];
  const client = clientWith([down, () => null, down, () => sampleWithdrawal()]);
  const { signal } = new AbortController();
  const watch = { client, record, intervalMs: 1, signal, onFailure: (error: unknown) => failures.push(error) };
  await assert.rejects(watchWithdrawal(watch), refusal("release.withdrawn"));
  assert.equal(failures.length, 2);
});

test("watchWithdrawal() ends quietly when it is stopped, also in the middle of a check", async () => {
  const stop = new AbortController();
  const client = clientWith([
    () => {
      stop.abort();
      throw new Error("aborted");
    },
  ]);
  await watchWithdrawal({ client, record, intervalMs: 1, signal: stop.signal, onFailure: unexpected });
  await watchWithdrawal({ client, record, intervalMs: 3_600_000, signal: stop.signal, onFailure: unexpected });
});
