import assert from "node:assert/strict";
import { test, type TestContext } from "node:test";
import fastify, { type FastifyInstance } from "fastify";
import {
  NOTICES_CONFIRMATION_MS,
  NOTICES_MAIL_RETRY_MS,
  NOTICES_MAIL_TRIES_MAX,
  NOTICES_MAILS_A_ROUND_MAX,
} from "../../core/index.ts";
import { fakeOrigin, openDesk, type FakeOrigin } from "./desk-fixture.test.ts";
import { mailServer, type MailServer } from "./mail-server.test.ts";
import type { NoticesOptions } from "../origin-parts.ts";
import type { NoticeDesk } from "./notice-desk.ts";
import { counterFields, noticeFields } from "./notice-fixture.test.ts";
import { registerNotices } from "./register-notices.ts";

const anna = { kind: "administrator", name: "anna" } as const;
const form = { via: "form", address: "192.0.2.1", key: null } as const;

interface Post {
  readonly origin: FakeOrigin;
  readonly desk: NoticeDesk;
  readonly server: MailServer;
  readonly app: FastifyInstance;
  /** What came for that recipient by the next round, decoded. */
  readonly mailsTo: (recipient: string) => Promise<readonly string[]>;
}

async function openPost(t: TestContext, options: NoticesOptions = {}): Promise<Post> {
  const server = await mailServer(t);
  const origin = await fakeOrigin(t, { mail: { smtpUrl: server.url, from: "Updates <notices@updates.example>" } });
  const desk = await openDesk(origin, options);
  const app = fastify();
  registerNotices(app, origin.parts, { desk, rounds: "caller" });
  t.after(() => app.close());
  return {
    origin,
    desk,
    server,
    app,
    mailsTo: async (recipient) => {
      await desk.round();
      return server.mails.filter(({ to }) => to === recipient).map(({ text }) => decoded(text));
    },
  };
}

/** Quoted-printable or as it is: enough to look for words. */
function decoded(text: string): string {
  return text
    .replaceAll("=\n", "")
    .replaceAll(/=([0-9A-F]{2})/g, (_all, hex: string) => String.fromCodePoint(Number.parseInt(hex, 16)));
}

function linkOf(mail: string | undefined): string {
  return /https:\/\/updates\.example(\/notices\/confirm\/[\w-]+)/.exec(mail ?? "")?.[1] ?? "";
}

async function submit(desk: NoticeDesk): Promise<string> {
  const submission = await desk.submit(noticeFields, form);
  assert.ok(submission.kind === "accepted");
  return submission.one.id;
}

test("a notice's e-mail address is confirmed by the link that was sent to it, with one press of a button, once", async (t) => {
  const { desk, app, mailsTo } = await openPost(t);
  const id = await submit(desk);
  assert.equal((await desk.find(id)).confirmation, "pending");
  const [mail] = await mailsTo("jane@example.org");
  const link = linkOf(mail);
  assert.match((await app.inject(link)).body, /Yes, it is mine/);
  assert.equal((await desk.find(id)).confirmation, "pending", "looking at the link confirms nothing");
  assert.equal((await app.inject({ method: "POST", url: link })).statusCode, 200);
  assert.equal((await desk.find(id)).confirmation, "confirmed");
  assert.equal((await app.inject({ method: "POST", url: link })).statusCode, 410);
  assert.equal((await app.inject("/notices/confirm/invented")).statusCode, 410);
  assert.match(
    (await mailsTo("agent@updates.example"))[0] ?? "",
    /https:\/\/updates\.example\/admin\/cases\/2026-0001/,
  );
});

test("a link is good for as long as the limit says", async (t) => {
  const { desk, app, origin, mailsTo } = await openPost(t);
  await submit(desk);
  const link = linkOf((await mailsTo("jane@example.org"))[0]);
  origin.clock.pass(NOTICES_CONFIRMATION_MS - 1);
  assert.equal((await app.inject(link)).statusCode, 200);
  origin.clock.pass(1);
  assert.equal((await app.inject(link)).statusCode, 410);
});

test("where the origin acts on receipt, it waits until the e-mail address is confirmed", async (t) => {
  const { desk, app, origin, mailsTo } = await openPost(t, { actOn: "receipt" });
  const id = await submit(desk);
  assert.deepEqual(origin.done, []);
  await app.inject({ method: "POST", url: linkOf((await mailsTo("jane@example.org"))[0]) });
  assert.equal((await desk.find(id)).state.status, "complied");
  assert.deepEqual(origin.done, [`withdraw example/2.0 ${id}`]);
});

test("the complainant gets the whole counter-notice and the dates of the put-back; the other side gets nothing of the notice", async (t) => {
  const { desk, mailsTo } = await openPost(t);
  const id = await submit(desk);
  await desk.move(id, { kind: "comply" }, anna);
  await desk.counter(id, counterFields, form);
  await desk.move(id, { kind: "forward" }, anna);
  const mails = await mailsTo("jane@example.org");
  const copy = mails.find((mail) => mail.includes("counter-notice was received")) ?? "";
  for (const part of [
    "Paul Publisher",
    "1 Main Street, Oakland, CA 94601",
    "+1 415 555 0102",
    "December 11, 2026",
    "December 17, 2026",
  ]) {
    assert.ok(copy.includes(part), `${part} in ${copy}`);
  }
  await desk.move(id, { kind: "retract" }, anna);
  const toPublisher = await mailsTo("paul@publisher.example");
  assert.equal(toPublisher.length, 2);
  assert.doesNotMatch(toPublisher.join("\n"), /Jane|Elm Street/);
});

test("a mail that the server refuses waits longer each time, is given up after its last try, and is never lost before", async (t) => {
  const { desk, origin, server, mailsTo } = await openPost(t);
  await submit(desk);
  server.refuses = true;
  for (let tries = 1; tries <= NOTICES_MAIL_TRIES_MAX - 1; tries++) {
    await desk.round();
    assert.deepEqual(new Set((await desk.waitingMails()).map((mail) => mail.tries)), new Set([tries]));
    origin.clock.pass(NOTICES_MAIL_RETRY_MS * 2 ** (tries - 1) - 1);
    await desk.round();
    assert.deepEqual(new Set((await desk.waitingMails()).map((mail) => mail.tries)), new Set([tries]), "too early");
    origin.clock.pass(1);
  }
  server.refuses = false;
  assert.equal((await mailsTo("jane@example.org")).length, 1);
  assert.deepEqual(await desk.waitingMails(), [], "a sent mail leaves nothing");
});

test("a mail whose last try failed stays to be seen and is not tried again", async (t) => {
  const { desk, origin, server } = await openPost(t);
  await submit(desk);
  server.refuses = true;
  for (let tries = 0; tries <= NOTICES_MAIL_TRIES_MAX; tries++) {
    await desk.round();
    origin.clock.pass(NOTICES_MAIL_RETRY_MS * 2 ** NOTICES_MAIL_TRIES_MAX);
  }
  server.refuses = false;
  await desk.round();
  assert.deepEqual(
    (await desk.waitingMails()).map(({ isGivenUp }) => isGivenUp),
    [true, true],
  );
  assert.deepEqual(server.mails, []);
});

test("a round sends no more mails than the limit says, and the next one the rest", async (t) => {
  const { desk, origin, server } = await openPost(t);
  const id = await submit(desk);
  const waiting = { case_id: id, recipient: "many@example.org", subject: "s", body: "b", tries: 0, next_at: 0 };
  const two = (await desk.waitingMails()).length;
  const many = Array.from({ length: NOTICES_MAILS_A_ROUND_MAX - two + 1 }, () => waiting);
  await origin.parts.database.db.insertInto("mails").values(many).execute();
  await desk.round();
  assert.deepEqual([server.mails.length, (await desk.waitingMails()).length], [NOTICES_MAILS_A_ROUND_MAX, 1]);
  await desk.round();
  assert.equal(server.mails.length, NOTICES_MAILS_A_ROUND_MAX + 1);
});
