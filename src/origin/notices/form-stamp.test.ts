import assert from "node:assert/strict";
import { test } from "node:test";
import { NOTICES_FORM_MS_MAX, NOTICES_FORM_MS_MIN, systemRandom } from "../../core/index.ts";
import { FormStamps } from "./form-stamp.ts";

let nowMs = 1_000_000;
const clock = { now: () => nowMs, wallMs: () => nowMs };

test("a form is taken from the shortest time that a person needs until the longest that one waits", () => {
  const stamps = new FormStamps(clock, systemRandom);
  const stamp = stamps.create();
  const made = nowMs;
  const checks = [NOTICES_FORM_MS_MIN - 1, NOTICES_FORM_MS_MIN, NOTICES_FORM_MS_MAX, NOTICES_FORM_MS_MAX + 1].map(
    (age) => {
      nowMs = made + age;
      return stamps.check(stamp).isGood;
    },
  );
  assert.deepEqual(checks, [false, true, true, false]);
});

test("a stamp that was changed, invented or made by another process is not taken, and each has its own key", () => {
  const stamps = new FormStamps(clock, systemRandom);
  const [stamp, second, foreign] = [stamps.create(), stamps.create(), new FormStamps(clock, systemRandom).create()];
  nowMs += NOTICES_FORM_MS_MIN;
  const later = stamp.replace(/^\d+/, (at) => String(Number(at) + 1));
  for (const bad of [later, foreign, "", "1.2.3", undefined, ["a"], `${stamp}x`.slice(1)]) {
    assert.equal(stamps.check(bad).isGood, false, String(bad));
  }
  const keys = [stamp, second].map((good) => {
    const check = stamps.check(good);
    assert.ok(check.isGood);
    return check.key;
  });
  assert.notEqual(keys[0], keys[1]);
});
