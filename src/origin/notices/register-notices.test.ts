import assert from "node:assert/strict";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import fastify, { type FastifyInstance } from "fastify";
import { NOTICES_BODY_BYTES_MAX, NOTICES_FORM_MS_MIN } from "../../core/index.ts";
import type { ChainEntry } from "./chain.ts";
import { verifyChain } from "./chain.ts";
import { fakeOrigin, openDesk, type FakeOrigin } from "./desk-fixture.test.ts";
import { exportLog } from "./log-export.ts";
import type { NoticeDesk } from "./notice-desk.ts";
import { counterFields, noticeFields } from "./notice-fixture.test.ts";
import { registerNotices } from "./register-notices.ts";

const operator = { kind: "operator", name: "root" } as const;

interface Site {
  readonly app: FastifyInstance;
  readonly desk: NoticeDesk;
  readonly origin: FakeOrigin;
  /** Opens the form, waits as a person does, and sends it. */
  readonly send: (path: string, fields: Readonly<Record<string, string>>) => Promise<{ status: number; page: string }>;
}

async function openSite(t: TestContext): Promise<Site> {
  const origin = await fakeOrigin(t);
  const desk = await openDesk(origin);
  const app = fastify();
  registerNotices(app, origin.parts, { desk, rounds: "caller" });
  t.after(() => app.close());
  return {
    app,
    desk,
    origin,
    send: async (path, fields) => {
      const form = await app.inject(path);
      assert.equal(form.statusCode, 200, form.body);
      origin.clock.pass(NOTICES_FORM_MS_MIN);
      return post(app, path, { stamp: stampOf(form.body), reference: "", ...fields });
    },
  };
}

async function post(
  app: FastifyInstance,
  url: string,
  fields: Readonly<Record<string, string>>,
): Promise<{ status: number; page: string }> {
  const headers = { "content-type": "application/x-www-form-urlencoded" };
  const response = await app.inject({ method: "POST", url, headers, payload: new URLSearchParams(fields).toString() });
  return { status: response.statusCode, page: response.body };
}

function stampOf(page: string): string {
  return /name="stamp" value="([^"]+)"/.exec(page)?.[1] ?? "";
}

const isIn = (page: string, ...patterns: readonly RegExp[]): void => {
  for (const pattern of patterns) assert.match(page, pattern);
};

test("a notice sent with the form is a case that its page, the log and the log's JSON show", async (t) => {
  const { app, send } = await openSite(t);
  const sent = await send("/notices/new", noticeFields);
  assert.equal(sent.status, 201);
  isIn(sent.page, /case <a href="\/notices\/cases\/2026-0001">/);
  isIn(
    (await app.inject("/notices/cases/2026-0001")).body,
    /example\/2\.0/,
    /Example Software, Inc\./,
    /received, under review/,
  );
  isIn((await app.inject("/notices/log")).body, /Notice received/, /2026-0001/);
  const { entries } = (await app.inject("/notices/log.json")).json<{ entries: ChainEntry[] }>();
  assert.ok(verifyChain(entries).isIntact);
});

const missing: readonly (readonly [field: string, message: RegExp])[] = [
  ["work", /Say which work/],
  ["material", /Give the address of the release/],
  ["name", /Give your name/],
  ["goodFaith", /The notice needs this statement/],
  ["accuracy", /The notice needs this statement/],
  ["signature", /Sign by typing/],
];
for (const [field, message] of missing) {
  test(`the form without ${field} comes back with the problem beside the field and everything that was typed`, async (t) => {
    const { send, desk } = await openSite(t);
    const rest: Record<string, string> = { ...noticeFields };
    delete rest[field];
    const { status, page } = await send("/notices/new", rest);
    assert.equal(status, 422);
    isIn(page, new RegExp(`id="${field}-problem">${message.source}`), new RegExp(`href="#${field}"`));
    isIn(
      page,
      new RegExp(
        `id="${field}"[^>]*aria-describedby="[^"]*${field}-problem"[^>]*aria-invalid="true"|id="${field}"[^>]*aria-invalid="true"[^>]*aria-describedby="[^"]*${field}-problem"`,
      ),
    );
    for (const [other, value] of Object.entries(rest)) {
      const isKept =
        value === "yes"
          ? new RegExp(`id="${other}"[^>]*checked`).test(page)
          : page.includes(value.split("\n")[0] ?? "");
      assert.ok(isKept, other);
    }
    assert.deepEqual(await desk.cases(), []);
  });
}

test("a counter-notice can be sent while the release is withdrawn, and each element that it lacks is named", async (t) => {
  const { app, send, desk } = await openSite(t);
  await send("/notices/new", noticeFields);
  assert.equal((await app.inject("/notices/counter/2026-0001")).statusCode, 409);
  await desk.move("2026-0001", { kind: "comply" }, operator);
  for (const field of ["material", "mistake", "name", "address", "phone", "consent", "signature"] as const) {
    const { status, page } = await send("/notices/counter/2026-0001", { ...counterFields, [field]: "" });
    assert.equal(status, 422, field);
    isIn(page, new RegExp(`id="${field}-problem"`));
  }
  assert.equal((await send("/notices/counter/2026-0001", counterFields)).status, 201);
  const page = (await app.inject("/notices/cases/2026-0001")).body;
  isIn(page, /Restored no sooner than/, /datetime="2026-12-11T05:00:00\.000Z"/, /Counter-notice received/);
  assert.doesNotMatch(page, /Paul|415 555/);
  assert.equal((await app.inject("/notices/counter/2026-0001")).statusCode, 409);
  assert.equal((await app.inject("/notices/counter/2026-0999")).statusCode, 404);
});

test("a program that posts at once, without a form, or fills in the hidden field gets the form back", async (t) => {
  const { app, origin, desk } = await openSite(t);
  const stamp = stampOf((await app.inject("/notices/new")).body);
  const attempts: Record<string, string>[] = [{ ...noticeFields, stamp }, { ...noticeFields }];
  for (const fields of attempts) assert.equal((await post(app, "/notices/new", fields)).status, 422);
  origin.clock.pass(NOTICES_FORM_MS_MIN);
  const filled = await post(app, "/notices/new", { ...noticeFields, stamp, reference: "https://spam.example" });
  assert.equal(filled.status, 422);
  isIn(filled.page, /has to stay empty/, /value="Jane Doe"/);
  assert.deepEqual(await desk.cases(), []);
  assert.equal((await post(app, "/notices/new", { ...noticeFields, stamp })).status, 201);
});

test("what is typed is shown as text, never as HTML", async (t) => {
  const { send } = await openSite(t);
  const { page } = await send("/notices/new", {
    ...noticeFields,
    name: '"><script>alert(1)</script>',
    work: "</textarea><b>",
    signature: "",
  });
  assert.doesNotMatch(page, /<script>|<b>/);
});

test("a body of the longest length is read, and a longer one is refused", async (t) => {
  const { app } = await openSite(t);
  const headers = { "content-type": "application/x-www-form-urlencoded" };
  const statuses = [0, 1].map(async (more) => {
    const payload = `work=${"x".repeat(NOTICES_BODY_BYTES_MAX - 5 + more)}`;
    return (await app.inject({ method: "POST", url: "/notices/new", headers, payload })).statusCode;
  });
  assert.deepEqual(await Promise.all(statuses), [422, 413]);
});

test("the policy names the designated agent, or says that there is none", async (t) => {
  const { app } = await openSite(t);
  isIn(
    (await app.inject("/notices")).body,
    /Copyright Agent/,
    /mailto:agent@updates\.example/,
    /href="\/notices\/log"/,
  );
  const origin = await fakeOrigin(t, { agent: null });
  const bare = fastify();
  registerNotices(bare, origin.parts, { desk: await openDesk(origin), rounds: "caller" });
  isIn((await bare.inject("/notices")).body, /No designated agent is configured/);
  await bare.close();
});

test("the API takes a notice, keeps an incomplete one as such, and explains refusals as problem details", async (t) => {
  const { app, desk } = await openSite(t);
  const send = async (
    url: string,
    payload: object,
  ): Promise<{ status: number; type: string; body: Record<string, unknown> }> => {
    const response = await app.inject({ method: "POST", url, payload });
    return { status: response.statusCode, type: String(response.headers["content-type"]), body: response.json() };
  };
  const complete = await send("/api/v1/notices", { ...noticeFields, goodFaith: true, accuracy: true });
  assert.deepEqual([complete.status, complete.body["case"], complete.body["status"]], [201, "2026-0001", "received"]);
  const incomplete = await send("/api/v1/notices", { material: noticeFields.material, name: "Jane Doe", phone: "1" });
  assert.equal(incomplete.status, 201);
  assert.deepEqual(incomplete.body["missing"], ["signature", "work", "good-faith", "accuracy"]);
  const nothing = await send("/api/v1/notices", { name: "Jane Doe", material: "https://updates.example/x/1" });
  assert.deepEqual(
    [nothing.status, nothing.type, nothing.body["code"]],
    [422, "application/problem+json; charset=utf-8", "notice.fields"],
  );
  const early = await send("/api/v1/notices/2026-0001/counter", { name: "Paul Publisher" });
  assert.deepEqual([early.status, early.body["code"]], [409, "case.not-possible"]);
  assert.match(String(early.body["detail"]), /possible now: comply/);
  await desk.move("2026-0001", { kind: "comply" }, operator);
  const counter = await send("/api/v1/notices/2026-0001/counter", { ...counterFields, mistake: true, consent: true });
  assert.deepEqual([counter.status, counter.body["status"]], [201, "counter-received"]);
  const known = await app.inject("/api/v1/notices/2026-0001");
  assert.equal(known.json<{ putBack: { opensAt: string } }>().putBack.opensAt, "2026-12-11T05:00:00.000Z");
  assert.equal((await app.inject("/api/v1/notices/2026-7777")).statusCode, 404);
});

test("the log is shown in pages, and its JSON in parts that make one intact chain", async (t) => {
  const { app, desk } = await openSite(t);
  for (let count = 0; count < 201; count++)
    await desk.submit(noticeFields, { via: "letter", address: null, key: null });
  const newest = (await app.inject("/notices/log")).body;
  isIn(newest, /2026-0201/, /href="\/notices\/log\?before=2"/);
  assert.doesNotMatch(newest, /2026-0001/);
  isIn((await app.inject("/notices/log?before=2")).body, /2026-0001/);
  const entries: ChainEntry[] = [];
  for (let next: string | null = "/notices/log.json"; next !== null;) {
    const part: { entries: ChainEntry[]; next: string | null } = (await app.inject(next)).json();
    entries.push(...part.entries);
    next = part.next;
  }
  const check = verifyChain(entries);
  assert.ok(check.isIntact);
  assert.equal(check.head.sequence, 201);
});

test("the exported folder holds the log for people and programs, and the head", async (t) => {
  const { desk, origin } = await openSite(t);
  const folder = await mkdtemp(join(tmpdir(), "upswarm-log-"));
  t.after(() => rm(folder, { recursive: true, force: true }));
  await desk.submit(noticeFields, { via: "letter", address: null, key: null });
  const head = await exportLog(desk, origin.parts.config, join(folder, "log"));
  const read = async (name: string): Promise<string> => readFile(join(folder, "log", name), "utf8");
  assert.deepEqual(JSON.parse(await read("head.json")), head);
  const { entries } = JSON.parse(await read("log.json")) as { entries: ChainEntry[] };
  assert.deepEqual(verifyChain(entries), { isIntact: true, head });
  const page = await read("index.html");
  isIn(page, /2026-0001/, /Example Software, Inc\./);
  assert.doesNotMatch(page, /Jane|555 0101/);
});
