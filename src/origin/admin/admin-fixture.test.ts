// For tests: an origin with its notices and its admin, and a browser of sorts that keeps cookies and sends forms as they came.

import assert from "node:assert/strict";
import type { TestContext } from "node:test";
import fastify, { type FastifyInstance } from "fastify";
import { fakeOrigin, openDesk, type FakeOrigin } from "../notices/desk-fixture.test.ts";
import type { NoticeDesk } from "../notices/notice-desk.ts";
import { noticeFields } from "../notices/notice-fixture.test.ts";
import { registerNotices } from "../notices/register-notices.ts";
import type { AccountParts } from "./accounts.ts";
import { hashPassword } from "./password.ts";
import { registerAdmin, type AdminOptions } from "./register-admin.ts";

export const PASSWORD = "correct horse battery";

export interface AdminSite {
  readonly origin: FakeOrigin;
  readonly desk: NoticeDesk;
  readonly app: FastifyInstance;
  readonly accounts: AccountParts;
  /** A new one, without cookies, at an address of its own. */
  readonly browser: (address?: string) => Browser;
  /** One that has signed in as anna. */
  readonly anna: () => Promise<Browser>;
}

export interface Answer {
  readonly status: number;
  readonly page: string;
  readonly location: string | null;
}

export interface Browser {
  readonly cookies: Map<string, string>;
  readonly get: (url: string) => Promise<Answer>;
  /** Sends these fields as they are. */
  readonly post: (url: string, fields: Readonly<Record<string, string>>) => Promise<Answer>;
  /** Opens the page, and sends the fields with the page's CSRF token to the address. */
  readonly send: (page: string, url: string, fields?: Readonly<Record<string, string>>) => Promise<Answer>;
  readonly signIn: (name: string, password: string) => Promise<Answer>;
}

export async function adminSite(t: TestContext, options: Partial<AdminOptions> = {}): Promise<AdminSite> {
  const origin = await fakeOrigin(t);
  const desk = await openDesk(origin);
  const app = fastify({ trustProxy: true });
  registerNotices(app, origin.parts, { desk, rounds: "caller" });
  registerAdmin(app, origin.parts, { desk, ...options });
  t.after(() => app.close());
  const accounts = { db: origin.parts.database.db, clock: origin.clock, random: origin.parts.random };
  await addCheaply(accounts, "anna", PASSWORD);
  const browser = (address = "192.0.2.1"): Browser => openBrowser(app, address);
  return {
    origin,
    desk,
    app,
    accounts,
    browser,
    anna: async () => {
      const opened = browser();
      const answer = await opened.signIn("anna", PASSWORD);
      assert.equal(answer.location, "/admin", answer.page);
      return opened;
    },
  };
}

/** An account whose password takes a millisecond to check. */
export async function addCheaply({ db, clock, random }: AccountParts, name: string, password: string): Promise<void> {
  const hashed = await hashPassword(password, random, { N: 1024, r: 8, p: 1 });
  await db.insertInto("accounts").values({ name, password: hashed, created_at: clock.wallMs() }).execute();
}

export async function submitNotice(desk: NoticeDesk): Promise<string> {
  const submission = await desk.submit(noticeFields, { via: "letter", address: null, key: null });
  assert.ok(submission.kind === "accepted");
  return submission.one.id;
}

function openBrowser(app: FastifyInstance, address: string): Browser {
  const cookies = new Map<string, string>();
  const ask = async (method: "GET" | "POST", url: string, payload?: string): Promise<Answer> => {
    const cookie = [...cookies].map(([name, value]) => `${name}=${value}`).join("; ");
    const headers = { cookie, "x-forwarded-for": address, "content-type": "application/x-www-form-urlencoded" };
    const response = await app.inject({ method, url, headers, ...(payload === undefined ? {} : { payload }) });
    for (const { name, value } of response.cookies) {
      if (value === "") cookies.delete(name);
      else cookies.set(name, value);
    }
    const { location } = response.headers;
    return {
      status: response.statusCode,
      page: response.body,
      location: location ?? null,
    };
  };
  const get = (url: string): Promise<Answer> => ask("GET", url);
  const post: Browser["post"] = (url, fields) => ask("POST", url, new URLSearchParams(fields).toString());
  const send: Browser["send"] = async (page, url, fields = {}) =>
    post(url, { _csrf: csrfOf((await get(page)).page), ...fields });
  return {
    cookies,
    get,
    post,
    send,
    signIn: (name, password) => send("/admin/sign-in", "/admin/sign-in", { name, password }),
  };
}

export function csrfOf(page: string): string {
  return /name="_csrf" value="([^"]+)"/.exec(page)?.[1] ?? "";
}
