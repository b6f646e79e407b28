// A whole origin for fuzzing, behind its real routes: a folder of its own with two releases and an upload begun, and everything but sockets.
// An input is a request; what is secret or made anew each time stands in it as a word (TOKEN, STAMP …).

import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { createApp } from "../src/origin/http/create-app.ts";
import { createLifecycle } from "../src/origin/release-lifecycle.ts";
import { openPlugins } from "../src/origin/serve-plugins.ts";
import { NOTICES_BUDGET_MS, silentLog, systemClock, systemRandom } from "../src/core/index.ts";
import type { Clock } from "../src/core/index.ts";
import { TokenStore } from "../src/origin/access/token-store.ts";
import type { OriginParts, Swarms } from "../src/origin/origin-parts.ts";
import type { SwarmHost } from "../src/origin/swarm/swarm-host.ts";
import { StorageWorkers } from "../src/storage/index.ts";
import { prepareRelease } from "../src/origin/index.ts";
import type { OriginPlace } from "../test/origin/whole-origin.ts";
import { beside, makeOrigin, publish } from "../test/origin/whole-origin.ts";
import { parseRequestText } from "./request-text.ts";
import type { RequestText } from "./request-text.ts";

const RELEASE_BYTES = 50_000;
const UPLOAD_BYTES = 100_000;
/** More than any page or document here has. */
const ANSWER_BYTES_MAX = 2_000_000;
const UNLIMITED = 1_000_000_000;

export interface Answer {
  readonly status: number;
  readonly type: string;
  readonly body: Buffer;
}

export interface WholeOrigin {
  readonly parts: OriginParts;
  readonly tokenSecret: string;
  /** Null where the input is no request, or one that is left out. */
  send(input: Buffer): Promise<{ readonly request: RequestText; readonly answer: Answer } | null>;
  close(): Promise<void>;
}

/** Real time, and an hour more with each step: what is limited by the hour is not in the way. */
class SteppingClock implements Clock {
  #ms = 0;
  step(): void {
    this.#ms += NOTICES_BUDGET_MS;
  }
  /** As a person takes over a form. */
  linger(ms: number): void {
    this.#ms += ms;
  }
  now(): number {
    return systemClock.now() + this.#ms;
  }
  wallMs(): number {
    return systemClock.wallMs() + this.#ms;
  }
}

export async function openWholeOrigin(): Promise<WholeOrigin> {
  const place = await makeOrigin();
  for (const version of ["1.0", "1.1"]) await publish(place, version, RELEASE_BYTES);
  const opened = new AsyncDisposableStack();
  const clock = new SteppingClock();
  const folder = opened.use(await beside(place, clock));
  const swarms = quietSwarms();
  const lifecycle = createLifecycle({ ...folder, swarms: null, clock, log: silentLog });
  const parts: OriginParts = { ...folder, swarms, lifecycle, clock, random: systemRandom, log: silentLog };
  const deps = { folder, swarms: swarms as unknown as SwarmHost, clock, random: systemRandom, log: silentLog };
  const plugins = await openPlugins(parts, deps, opened);
  const limits = { apiRequestsPerMinute: UNLIMITED, pagesPerMinute: UNLIMITED };
  const app = createApp(parts, { plugins, targetFile: (path) => folder.signing.targetFile(path), limits });
  opened.defer(() => app.close());
  const tokens = new TokenStore(parts);
  const { secret } = await tokens.create("fuzz", ["admin"]);
  const metainfo = await metainfoOf(place);
  const secrets = new Map([
    ["TOKEN", secret],
    ["METAINFO", metainfo.toString("latin1")],
    ...(await signIn(app, secret)),
  ]);

  return {
    parts,
    tokenSecret: secret,
    close: () => opened.disposeAsync(),
    send: async (input) => {
      clock.step();
      if (input.includes("STAMP")) {
        const form = await app.inject("/notices/new");
        secrets.set("STAMP", /name="stamp" value="([^"]*)"/.exec(form.body)?.[1] ?? "");
        clock.linger(60_000);
      }
      if (input.includes("UPLOADID")) {
        for (const [word, now] of await beginUpload(app, metainfo, secret)) secrets.set(word, now);
      }
      const request = parseRequestText(withSecrets(input, secrets));
      if (request === null || isLeftOut(request)) return null;
      const { method, url, headers, body } = request;
      const response = await app.inject({
        method: method as "GET",
        url,
        headers,
        ...(body.length > 0 ? { payload: body } : {}),
      });
      const answer = {
        status: response.statusCode,
        type: response.headers["content-type"] ?? "",
        body: response.rawPayload,
      };
      // The test's client resolves dots as a browser does.
      verifyAnswer({ ...request, url: response.raw.req.url ?? url }, answer);
      return { request, answer };
    },
  };
}

/** Signs in by the token: the words for the session's cookies and its CSRF token. */
async function signIn(app: ReturnType<typeof createApp>, token: string): Promise<[string, string][]> {
  const form = await app.inject("/admin/sign-in");
  const cookiesOf = (response: typeof form): string =>
    response.cookies.map(({ name, value }) => `${name}=${value}`).join("; ");
  const signed = await app.inject({
    method: "POST",
    url: "/admin/sign-in",
    headers: { "content-type": "application/x-www-form-urlencoded", cookie: cookiesOf(form) },
    payload: new URLSearchParams({ _csrf: csrfOf(form.body), token, next: "/admin" }).toString(),
  });
  assert.equal(signed.statusCode, 303, signed.body);
  const session = signed.cookies.filter(({ value }) => value !== "").map(({ name, value }) => `${name}=${value}`);
  const page = await app.inject({ url: "/admin/releases/update/1.1", headers: { cookie: session.join("; ") } });
  assert.equal(page.statusCode, 200, page.body);
  const cookies = [...session, cookiesOf(page)].filter((each) => each !== "").join("; ");
  return [
    ["SESSION", cookies],
    ["CSRF", csrfOf(page.body)],
  ];
}

/** Of a release that nobody has uploaded yet. */
async function metainfoOf({ path, config }: OriginPlace): Promise<Buffer> {
  const payload = join(path, "..", "update-3.0.bin");
  writeFileSync(payload, Buffer.alloc(UPLOAD_BYTES, 3));
  await using workers = new StorageWorkers();
  const { metainfo } = await prepareRelease({
    path: payload,
    details: { product: "update", version: "3.0", channel: "stable", vendor: null, notes: null },
    copyTo: null,
    trackers: config.trackers,
    publicUrl: config.publicUrl,
    workers,
  });
  return metainfo;
}

/** Begins an upload as a publisher elsewhere does, or finds it again: the words for its id and how far it has come. */
async function beginUpload(
  app: ReturnType<typeof createApp>,
  metainfo: Buffer,
  token: string,
): Promise<[string, string][]> {
  const begun = await app.inject({
    method: "POST",
    url: "/api/v1/uploads?product=update&version=3.0",
    headers: { authorization: `Bearer ${token}`, "content-type": "application/x-bittorrent" },
    payload: metainfo,
  });
  const { id, offset } = begun.json<{ id: string; offset: number }>();
  return [
    ["UPLOADID", id],
    ["UPLOADAT", String(offset)],
  ];
}

function csrfOf(page: string): string {
  return /name="_csrf" value="([^"]*)"/.exec(page)?.[1] ?? "";
}

function withSecrets(input: Buffer, secrets: ReadonlyMap<string, string>): Buffer {
  let text = input.toString("latin1");
  for (const [word, secret] of secrets) text = text.replaceAll(word, () => secret);
  return Buffer.from(text, "latin1");
}

/** A stream that does not end; what would leave nothing to fuzz: the payload of 1.0 is kept, and so is the session. */
function isLeftOut({ method, url }: RequestText): boolean {
  if (/^\/+live/i.test(url) || /sign-out|%/.test(method === "POST" ? url : "")) return true;
  return /payload|purge/.test(url) && url.includes("1.0");
}

/** Whatever was asked: no error of ours, and for programs a problem document with its own status. */
function verifyAnswer({ method, url }: RequestText, { status, type, body }: Answer): void {
  assert.ok(status >= 200 && status < 500, `It answers ${status}: ${body.toString("utf8", 0, 400)}`);
  assert.ok(body.length <= ANSWER_BYTES_MAX, `It answers with ${body.length} bytes.`);
  assert.ok(!/\bat [^\n]*\.[tj]s:\d+/.test(body.toString("latin1")), "A stack trace is shown.");
  if (status < 400 || method === "HEAD" || !url.startsWith("/api/")) return;
  assert.match(type, /^application\/problem\+json/);
  const problem = JSON.parse(body.toString("utf8")) as Readonly<Record<string, unknown>>;
  assert.equal(problem["status"], status);
  assert.ok(typeof problem["code"] === "string" && problem["code"] !== "internal");
}

function quietSwarms(): Swarms & { follow(): Promise<void> } {
  const traffic = { seedBytes: 0, webSeedBytes: 0, directBytes: 0, completed: 0, directDownloads: 0 };
  return {
    live: () => Promise.resolve({ seeds: 1, downloading: 2, originRate: 0.5, traffic, history: [] }),
    subscribe: () => () => {},
    sentByHttp: () => {},
    follow: () => Promise.resolve(),
  };
}
