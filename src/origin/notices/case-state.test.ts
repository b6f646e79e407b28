import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import {
  applyEvent,
  CaseError,
  hasEnded,
  possibleEvents,
  putBackWindow,
  step,
  withholds,
  type CaseEvent,
  type CaseState,
} from "./case-state.ts";

const ZONE = "America/New_York";
const DAY_MS = 86_400_000;
const MINUTE_MS = 60_000;
const start: CaseState<"received"> = { status: "received", since: Date.parse("2026-11-25T15:00Z") };

const events: Readonly<Record<string, CaseEvent>> = {
  comply: { kind: "comply" },
  "find-incomplete": { kind: "find-incomplete", missing: ["signature", "accuracy"] },
  supply: { kind: "supply" },
  counter: { kind: "counter" },
  "find-counter-incomplete": { kind: "find-counter-incomplete", missing: ["mistake"] },
  forward: { kind: "forward" },
  restore: { kind: "restore" },
  "report-action": { kind: "report-action" },
  close: { kind: "close" },
  retract: { kind: "retract" },
};

/** Each line is a time, an event and what follows: the status and what else the state holds, or the refusal. */
function replay(transcript: string): void {
  let state: CaseState = start;
  const lines = transcript.split("\n").filter((line) => line.trim() !== "");
  const told = lines.map((line) => {
    const [, at = "", kind = ""] = /^\s*(\S+)\s+(\S+)/.exec(line) ?? [];
    const event = events[kind];
    assert.ok(event, kind);
    let outcome: string;
    try {
      state = applyEvent(state, event, Date.parse(at), ZONE);
      outcome = [
        state.status,
        ...("missing" in state ? state.missing : []),
        ...("because" in state ? [state.because] : []),
      ].join(" ");
    } catch (error) {
      assert.ok(error instanceof CaseError);
      outcome = `! ${error.code}: ${error.message}`;
    }
    return `  ${at.padEnd(18)}${kind.padEnd(24)}${outcome}`;
  });
  assert.deepEqual(told, lines);
}

test("a notice that nobody counters ends as upheld and the release stays withdrawn", () => {
  replay(`
  2026-11-25T16:00Z comply                  complied
  2026-12-28T16:00Z close                   upheld unanswered
  2026-12-29T16:00Z retract                 ! case.not-possible: A case that is upheld has no "retract": it has ended.
`);
});

test("an incomplete notice says what is missing and goes on when it came", () => {
  replay(`
  2026-11-25T16:00Z find-incomplete         incomplete signature accuracy
  2026-11-26T16:00Z comply                  ! case.not-possible: A case that is incomplete has no "comply": possible now: supply, retract.
  2026-11-27T16:00Z supply                  received
  2026-11-27T17:00Z comply                  complied
`);
});

test("a counter-notice brings the release back after ten business days and not a minute earlier", () => {
  // Thanksgiving is the 26th. The tenth business day after the 25th is December 10, which ends at five o'clock UTC.
  replay(`
  2026-11-25T15:30Z comply                  complied
  2026-11-25T16:00Z counter                 counter-received
  2026-11-25T17:00Z restore                 ! case.not-possible: A case that is counter-received has no "restore": possible now: forward, find-counter-incomplete, report-action, retract.
  2026-11-26T16:00Z forward                 forwarded
  2026-12-11T04:59Z restore                 ! case.too-early: It can be restored from 2026-12-11T05:00:00.000Z: ten business days after the counter-notice.
  2026-12-11T05:00Z restore                 restored
  2026-12-12T05:00Z counter                 ! case.not-possible: A case that is restored has no "counter": it has ended.
`);
});

test("the clock runs from the counter-notice that was complete", () => {
  replay(`
  2026-11-25T15:30Z comply                  complied
  2026-11-25T16:00Z find-counter-incomplete counter-incomplete mistake
  2026-12-08T16:00Z counter                 counter-received
  2026-12-08T17:00Z forward                 forwarded
  2026-12-22T16:00Z restore                 ! case.too-early: It can be restored from 2026-12-23T05:00:00.000Z: ten business days after the counter-notice.
`);
});

test("court action that is reported ends the case, before or after the forwarding", () => {
  for (const forwarded of ["", "  2026-11-26T16:00Z forward                 forwarded\n"]) {
    replay(`
  2026-11-25T15:30Z comply                  complied
  2026-11-25T16:00Z counter                 counter-received
${forwarded}  2026-12-02T16:00Z report-action           upheld court-action
  2026-12-12T16:00Z restore                 ! case.not-possible: A case that is upheld has no "restore": it has ended.
`);
  }
});

test("a complainant retracts at any time before the end, without waiting", () => {
  replay(`
  2026-11-25T15:30Z comply                  complied
  2026-11-25T16:00Z counter                 counter-received
  2026-11-25T17:00Z forward                 forwarded
  2026-11-25T18:00Z retract                 retracted
`);
});

test("the put-back window opens when the tenth business day has passed and closes when the fourteenth has", () => {
  const { opensAt, lastDayAt, closesAt } = putBackWindow(Date.parse("2026-11-25T16:00Z"), ZONE);
  const shown = [opensAt, lastDayAt, closesAt].map((at) => new Date(at).toISOString());
  assert.deepEqual(shown, ["2026-12-11T05:00:00.000Z", "2026-12-16T05:00:00.000Z", "2026-12-17T05:00:00.000Z"]);
});

test("moves that there are not do not type-check", () => {
  const complied = step(start, { kind: "comply" }, start.since, ZONE);
  // @ts-expect-error A case that is received has nothing to restore.
  assert.throws(() => step(start, { kind: "restore" }, start.since, ZONE));
  // @ts-expect-error A notice that was complied with cannot be complied with again.
  assert.throws(() => step(complied, { kind: "comply" }, start.since, ZONE));
  assert.equal(step(complied, { kind: "counter" }, start.since, ZONE).counterReceivedAt, start.since);
});

test("no sequence of events restores before the tenth business day, and every refusal leaves the case as it was", () => {
  const move = fc.tuple(fc.constantFrom(...Object.values(events)), fc.integer({ min: 0, max: 6 * DAY_MS }));
  // The same path often enough, or random moves would seldom come to a counter-notice.
  const path = fc.constantFrom<readonly (keyof typeof events)[]>(
    [],
    ["comply"],
    ["comply", "counter"],
    ["comply", "counter", "forward"],
  );
  fc.assert(
    fc.property(path, fc.array(move, { maxLength: 12 }), (begin, moves) => {
      let state: CaseState = start;
      let at = start.since;
      let counterAt: number | null = null;
      const all = [...begin.map((kind) => [events[kind], MINUTE_MS] as const), ...moves];
      for (const [event, waited] of all) {
        if (event === undefined) continue;
        at += waited;
        const before: CaseState = state;
        try {
          state = applyEvent(state, event, at, ZONE);
        } catch (error) {
          assert.ok(error instanceof CaseError);
          assert.equal(state, before);
          if (error.code === "case.not-possible") assert.ok(!possibleEvents(before.status).includes(event.kind));
          continue;
        }
        if (event.kind === "counter") counterAt = at;
        if (state.status === "restored") {
          assert.ok(counterAt !== null);
          // Ten business days take two weeks at least, of which the last weekend does not count, nor the hours of the day
          // on which the counter-notice came: late on a Sunday it leaves twelve days, until the second Saturday begins.
          assert.ok(at - counterAt >= 12 * DAY_MS);
          assert.ok(at >= putBackWindow(counterAt, ZONE).opensAt);
        }
        assert.ok(!(withholds(state.status) && state.status === "restored"));
        if (hasEnded(state.status)) break;
      }
    }),
    { numRuns: 1000 },
  );
});
