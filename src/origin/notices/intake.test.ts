import assert from "node:assert/strict";
import { test } from "node:test";
import {
  NOTICES_BUDGET_MS,
  NOTICES_PER_ADDRESS_MAX,
  NOTICES_PER_RECIPIENT_MAX,
  NOTICES_TOTAL_MAX,
} from "../../core/index.ts";
import type { Case } from "./case-book.ts";
import { exampleRef, fakeOrigin, openDesk } from "./desk-fixture.test.ts";
import type { Sender, Submission } from "./intake.ts";
import { noticeFields } from "./notice-fixture.test.ts";

const form: Sender = { via: "form", address: "192.0.2.1", key: null };
const letter: Sender = { via: "letter", address: null, key: null };

function accepted(submission: Submission): Case {
  assert.ok(submission.kind === "accepted", JSON.stringify(submission));
  return submission.one;
}

test("a notice about nothing of this origin is no case, whatever way it comes", async (t) => {
  const desk = await openDesk(await fakeOrigin(t));
  for (const material of [
    "https://elsewhere.example/example/2.0",
    "https://updates.example/example/9.9",
    "no address at all",
  ]) {
    for (const sender of [form, letter]) {
      const submission = await desk.submit({ ...noticeFields, material }, sender);
      assert.ok(submission.kind === "problems");
      assert.deepEqual(
        submission.problems.map(({ field }) => field),
        ["material"],
      );
    }
  }
  assert.deepEqual(await desk.cases(), []);
});

test("a release is found by its page, a download below it, its magnet link and its info-hash", async (t) => {
  const desk = await openDesk(await fakeOrigin(t));
  const materials = [
    "http://updates.example/example/2.0#top",
    "/example/2.0",
    "https://updates.example/download/example/2.0/example-2.0.exe",
    `magnet:?xt=urn:btih:${"2".repeat(40)}&dn=example`,
    "2".repeat(40),
  ];
  for (const material of materials) {
    assert.deepEqual(accepted(await desk.submit({ ...noticeFields, material }, letter)).ref, exampleRef, material);
  }
});

test("a form that is sent twice at once makes one case", async (t) => {
  const desk = await openDesk(await fakeOrigin(t));
  const sender: Sender = { ...form, key: "the form's key" };
  const both = await Promise.all([desk.submit(noticeFields, sender), desk.submit(noticeFields, sender)]);
  assert.deepEqual(
    both.map((submission) => accepted(submission).id),
    ["2026-0001", "2026-0001"],
  );
});

test("an address may send as many notices an hour as the limit says; letters and a later hour may", async (t) => {
  const origin = await fakeOrigin(t);
  const desk = await openDesk(origin);
  const send = async (index: number, sender: Sender): Promise<string> =>
    (await desk.submit({ ...noticeFields, email: `sender-${index}@example.org` }, sender)).kind;
  for (let index = 0; index < NOTICES_PER_ADDRESS_MAX; index++) assert.equal(await send(index, form), "accepted");
  assert.equal(await send(99, form), "too-many");
  assert.equal(await send(99, { ...form, address: "192.0.2.2" }), "accepted");
  assert.equal(await send(99, letter), "accepted");
  origin.clock.pass(NOTICES_BUDGET_MS);
  assert.equal(await send(100, form), "accepted");
});

test("one recipient gets no more mails than the limit says, and all addresses together send no more notices", async (t) => {
  const desk = await openDesk(await fakeOrigin(t));
  const send = async (index: number, email: string): Promise<string> =>
    (await desk.submit({ ...noticeFields, email }, { ...form, address: `10.0.${index >> 8}.${index & 255}` })).kind;
  for (let index = 0; index < NOTICES_PER_RECIPIENT_MAX; index++)
    assert.equal(await send(index, "victim@example.org"), "accepted");
  assert.equal(await send(99, "Victim@example.org"), "too-many");
  for (let index = NOTICES_PER_RECIPIENT_MAX; index < NOTICES_TOTAL_MAX; index++) {
    assert.equal(await send(index, `s${index}@example.org`), "accepted");
  }
  assert.equal(await send(999, "last@example.org"), "too-many");
});
