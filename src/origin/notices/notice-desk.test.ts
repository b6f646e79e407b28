import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { test } from "node:test";
import { NOTICES_LISTED_CASES_MAX } from "../../core/index.ts";
import { ReleaseError } from "../../release/index.ts";
import { refOf } from "../domain.ts";
import type { Case } from "./case-book.ts";
import type { Actor } from "./case-moves.ts";
import { CaseError, type CaseErrorCode } from "./case-state.ts";
import { exampleRef, fakeOrigin, openDesk, reopened, type FakeOrigin } from "./desk-fixture.test.ts";
import type { Sender, Submission } from "./intake.ts";
import { NoticeDesk } from "./notice-desk.ts";
import { counterFields, noticeFields } from "./notice-fixture.test.ts";

const anna: Actor = { kind: "administrator", name: "anna" };
const bert: Actor = { kind: "administrator", name: "bert" };
const form: Sender = { via: "form", address: "192.0.2.1", key: null };
const letter: Sender = { via: "letter", address: null, key: null };
const DAY_MS = 86_400_000;

function accepted(submission: Submission): Case {
  assert.equal(submission.kind, "accepted", JSON.stringify(submission));
  assert.ok(submission.kind === "accepted");
  return submission.one;
}

function refused(code: CaseErrorCode): (error: unknown) => boolean {
  return (error) => error instanceof CaseError && error.code === code;
}

function withdrawalOf(origin: FakeOrigin): string | null {
  const withdrawal = origin.releases.get(refOf(exampleRef))?.withdrawal ?? null;
  return withdrawal === null ? null : `${withdrawal.kind} ${withdrawal.caseId}`;
}

test("a complete notice waits for an administrator, and complying withdraws the release on the complainant's demand", async (t) => {
  const origin = await fakeOrigin(t);
  const desk = await openDesk(origin);
  const one = accepted(await desk.submit(noticeFields, form));
  assert.deepEqual([one.id, one.state.status, one.ref], ["2026-0001", "received", exampleRef]);
  assert.equal(withdrawalOf(origin), null);
  const after = await desk.move(one.id, { kind: "comply" }, anna, one.revision);
  assert.deepEqual([after.state.status, after.isSettled], ["complied", true]);
  const { withdrawal } = origin.releases.get("example/2.0") ?? {};
  assert.deepEqual(
    [withdrawal?.kind, withdrawal?.demandedBy, withdrawal?.vendorUrl, withdrawal?.caseId],
    ["legal", "Example Software, Inc.", "https://vendor.example/downloads", one.id],
  );
});

test("where the origin acts on receipt, a complete notice is complied with at once and an incomplete one is not", async (t) => {
  const origin = await fakeOrigin(t);
  const desk = await openDesk(origin, { actOn: "receipt" });
  const api: Sender = { via: "api", address: "192.0.2.1", key: null };
  const incomplete = accepted(await desk.submit({ ...noticeFields, signature: "", accuracy: false }, api));
  assert.deepEqual([incomplete.state.status, withdrawalOf(origin)], ["incomplete", null]);
  assert.deepEqual("missing" in incomplete.state && incomplete.state.missing, ["signature", "accuracy"]);
  const complete = accepted(await desk.submit(noticeFields, api));
  assert.deepEqual([complete.state.status, withdrawalOf(origin)], ["complied", `legal ${complete.id}`]);
});

test("the story: notice, compliance, counter-notice, forwarded, and put back by the clock on the last day", async (t) => {
  const origin = await fakeOrigin(t);
  const desk = await openDesk(origin);
  const { id } = accepted(await desk.submit(noticeFields, form));
  await desk.move(id, { kind: "comply" }, anna);
  origin.clock.set("2026-11-25T16:00Z");
  accepted(await desk.counter(id, counterFields, form));
  await desk.move(id, { kind: "forward" }, anna);
  const statuses: string[] = [];
  for (const instant of ["2026-12-11T05:00Z", "2026-12-16T04:59Z", "2026-12-16T05:00Z"]) {
    origin.clock.set(instant);
    await desk.round();
    statuses.push((await desk.find(id)).state.status);
  }
  assert.deepEqual(statuses, ["forwarded", "forwarded", "restored"]);
  assert.deepEqual(origin.done, ["withdraw example/2.0 2026-0001", "restore example/2.0"]);
  const events = (await desk.timeline(id)).map(({ event, fields }) => `${event} ${String(fields["by"] ?? "")}`.trim());
  assert.deepEqual(events, [
    "received",
    "comply administrator",
    "counter sender",
    "forward administrator",
    "restore rule",
  ]);
});

test("court action that was reported keeps the clock from restoring, and so does the option", async (t) => {
  for (const putBack of ["automatic", "manual"] as const) {
    const origin = await fakeOrigin(t);
    const desk = await openDesk(origin, { putBack });
    const { id } = accepted(await desk.submit(noticeFields, form));
    await desk.move(id, { kind: "comply" }, anna);
    await desk.counter(id, counterFields, form);
    await desk.move(id, { kind: "forward" }, anna);
    if (putBack === "automatic") await desk.move(id, { kind: "report-action" }, anna);
    origin.clock.pass(60 * DAY_MS);
    await desk.round();
    assert.equal((await desk.find(id)).state.status, putBack === "automatic" ? "upheld" : "forwarded");
    assert.equal(withdrawalOf(origin), `legal ${id}`);
  }
});

test("two administrators at once: one complies, the other is told that the case has changed", async (t) => {
  const origin = await fakeOrigin(t);
  const desk = await openDesk(origin);
  const one = accepted(await desk.submit(noticeFields, form));
  const outcomes = await Promise.allSettled([
    desk.move(one.id, { kind: "comply" }, anna, one.revision),
    desk.move(one.id, { kind: "retract" }, bert, one.revision),
    desk.move(one.id, { kind: "comply" }, bert, one.revision),
  ]);
  const reasons = outcomes.flatMap((outcome) => (outcome.status === "rejected" ? [outcome.reason as unknown] : []));
  assert.equal(reasons.length, 2);
  for (const reason of reasons) assert.ok(refused("case.changed")(reason));
  assert.equal((await desk.timeline(one.id)).length, 2);
  assert.ok((await desk.verifyLog()).isIntact);
});

test("submissions of two processes at once make cases with numbers of their own and one intact log", async (t) => {
  const origin = await fakeOrigin(t);
  const desk = await openDesk(origin);
  const other = spawn(process.execPath, [join(import.meta.dirname, "second-process.test.ts"), origin.databasePath]);
  t.after(() => other.kill());
  await once(other.stdout, "data");
  for (let count = 0; count < 20; count++) accepted(await desk.submit(noticeFields, letter));
  other.stdin.end();
  const [code] = (await once(other, "exit")) as [number];
  assert.equal(code, 0);
  const cases = await desk.cases();
  assert.ok(cases.length > 20, `the other process made ${cases.length - 20}`);
  assert.equal(new Set(cases.map(({ id }) => id)).size, cases.length);
  const check = await desk.verifyLog();
  assert.ok(check.isIntact);
  assert.equal(check.head.sequence, cases.length);
});

test("a withdrawal that fails stands as decided and is carried out by the next round", async (t) => {
  const origin = await fakeOrigin(t);
  const desk = await openDesk(origin);
  const { id } = accepted(await desk.submit(noticeFields, form));
  origin.failures.push(new Error("the disk is full"));
  await assert.rejects(desk.move(id, { kind: "comply" }, anna), /the disk is full/);
  const decided = await desk.find(id);
  assert.deepEqual([decided.state.status, decided.isSettled, withdrawalOf(origin)], ["complied", false, null]);
  // Another process: what the first one decided before it crashed.
  const next = await NoticeDesk.open(await reopened(t, origin));
  await next.round();
  assert.deepEqual([(await desk.find(id)).isSettled, withdrawalOf(origin)], [true, `legal ${id}`]);
});

test("a case that ends about a release which nobody signs any more is settled, and the release stays away", async (t) => {
  const origin = await fakeOrigin(t);
  const desk = await openDesk(origin);
  const { id } = accepted(await desk.submit(noticeFields, form));
  await desk.move(id, { kind: "comply" }, anna);
  origin.failures.push(new ReleaseError("release.unsigned", "Nobody signs example 2.0 any more."));
  await desk.move(id, { kind: "retract" }, anna);
  assert.deepEqual([(await desk.find(id)).isSettled, withdrawalOf(origin)], [true, `legal ${id}`]);
});

test("a release that two cases withhold comes back when both have ended, and a recall is left alone", async (t) => {
  const origin = await fakeOrigin(t);
  const desk = await openDesk(origin);
  const [a, b] = [accepted(await desk.submit(noticeFields, form)), accepted(await desk.submit(noticeFields, form))];
  await desk.move(a.id, { kind: "comply" }, anna);
  await desk.move(b.id, { kind: "comply" }, anna);
  assert.equal(withdrawalOf(origin), `legal ${a.id}`);
  await desk.move(a.id, { kind: "retract" }, anna);
  assert.equal(withdrawalOf(origin), `legal ${a.id}`);
  await desk.move(b.id, { kind: "retract" }, anna);
  assert.equal(withdrawalOf(origin), null);
  const recall = {
    kind: "recall",
    reason: "It is broken.",
    demandedBy: null,
    vendorUrl: null,
    replacedBy: null,
    caseId: null,
  } as const;
  await origin.parts.lifecycle.withdraw(exampleRef, recall);
  const c = accepted(await desk.submit(noticeFields, form));
  await desk.move(c.id, { kind: "comply" }, anna);
  await desk.move(c.id, { kind: "retract" }, anna);
  assert.equal(withdrawalOf(origin), "recall null");
});

test("whatever a sender wrote, the log holds no personal data, and stays whole when they are erased", async (t) => {
  const origin = await fakeOrigin(t);
  const desk = await openDesk(origin);
  const fields = {
    ...noticeFields,
    organization: "Jane Doe",
    work: `Photos by Jane Doe, jane@example.org, ${noticeFields.phone}`,
  };
  const { id, organization } = accepted(await desk.submit(fields, form));
  assert.equal(organization, null);
  await assert.rejects(desk.erase(id, anna), refused("case.not-possible"));
  await desk.move(id, { kind: "comply" }, anna);
  await desk.counter(id, counterFields, form);
  await desk.move(id, { kind: "retract" }, anna);
  // Without the hashes, any of which may have the digits of a telephone number.
  const published = JSON.stringify(await desk.logEntries(1, 100)).replaceAll(/"[0-9a-f]{64}"/g, '""');
  for (const secret of ["Jane", "jane@", "555", "Elm", "Paul", "paul@", "Main Street", "anna"]) {
    assert.ok(!published.includes(secret), `${secret} in ${published}`);
  }
  assert.equal((await desk.records(id)).notices[0]?.content?.name, "Jane Doe");
  await desk.erase(id, anna);
  assert.deepEqual(
    (await desk.records(id)).notices.map(({ content }) => content),
    [null],
  );
  assert.ok((await desk.verifyLog()).isIntact);
  for (const file of [origin.databasePath, `${origin.databasePath}-wal`]) {
    assert.ok(!readFileSync(file).includes("Elm Street"), `nothing is left in ${file}`);
  }
});

test("a log that was changed in the database is reported when the desk opens, with the entry", async (t) => {
  const origin = await fakeOrigin(t);
  const desk = await openDesk(origin);
  for (let count = 0; count < 3; count++) accepted(await desk.submit(noticeFields, letter));
  const published = await desk.logHead();
  const raw = new DatabaseSync(origin.databasePath);
  t.after(() => raw.close());
  assert.throws(() => raw.exec("UPDATE chain_entries SET event = 'x' WHERE sequence = 2"), /never changed/);
  assert.throws(() => raw.exec("DELETE FROM chain_entries WHERE sequence = 2"), /never deleted/);
  raw.exec("DROP TRIGGER chain_entries_stand; DROP TRIGGER chain_entries_stay");
  raw.exec('UPDATE chain_entries SET fields = \'{"organization":"Somebody else"}\' WHERE sequence = 2');
  const check = (await openDesk(origin)).chainCheck;
  assert.deepEqual(check, { isIntact: false, sequence: 2, reason: "is not what was hashed" });
  assert.ok(origin.logged.includes("notices.log-broken"));
  // An end that was cut off is whole by itself; who knows the head sees it.
  raw.exec("DELETE FROM chain_entries WHERE sequence >= 2");
  assert.ok((await desk.verifyLog()).isIntact);
  assert.equal((await desk.verifyLog(published)).isIntact, false);
});

test("no more cases are listed than the limit says, and those that are open are found behind it", async (t) => {
  const origin = await fakeOrigin(t);
  const desk = await openDesk(origin);
  const { id } = accepted(await desk.submit(noticeFields, letter));
  const raw = new DatabaseSync(origin.databasePath);
  raw.exec(`WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ${NOTICES_LISTED_CASES_MAX})
    INSERT INTO cases SELECT 'ended-' || i, 'example', '2.0', '{"status":"retracted","since":0}', NULL, '', 'letter',
      NULL, 'none', 'none', opened_at + i, 0, 1, 1 FROM n, cases WHERE id = '${id}'`);
  raw.close();
  assert.equal((await desk.cases()).length, NOTICES_LISTED_CASES_MAX);
  assert.deepEqual(
    (await desk.openCases()).map((one) => one.id),
    [id],
  );
});
