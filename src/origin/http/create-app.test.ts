import assert from "node:assert/strict";
import { once } from "node:events";
import { connect } from "node:net";
import { Writable } from "node:stream";
import { test } from "node:test";
import { ORIGIN_BODY_BYTES_MAX, ORIGIN_HEAD_BYTES_MAX, ORIGIN_PATH_PART_CHARACTERS_MAX } from "../../core/index.ts";
import { CatalogueError } from "../catalogue/catalogue.ts";
import { refOf } from "../domain.ts";
import type { AppPlugin } from "./create-app.ts";
import { fakeOrigin, randomPayload, sampleRelease } from "./fake-origin.test.ts";
import { createLogger, logOf } from "./origin-log.ts";
import { HttpProblem } from "./problem.ts";
import { trustedProxies } from "./trusted-proxies.ts";

const pages: AppPlugin = (app) => {
  app.get("/", (_, reply) => reply.type("text/html; charset=utf-8").send("<p>"));
  app.get("/whoami", (request) => ({ address: request.ip, protocol: request.protocol }));
  app.get("/bug", () => Promise.reject(new Error("a secret of ours")));
  app.get("/case", () => Promise.reject(new HttpProblem(409, "case.closed", "The case is closed.")));
  app.get("/store", () =>
    Promise.reject(new CatalogueError("catalogue.store", "The disk is full: /srv/secret/a b.sqlite")),
  );
  app.post("/form", (request) => ({ length: JSON.stringify(request.body).length }));
  app.get("/strict", { config: { rateLimit: { max: 1, timeWindow: 60_000 } } }, () => "x");
};

/** Sends raw bytes and returns what comes back until the connection ends. */
async function raw(port: number, text: string): Promise<string> {
  const socket = connect(port, "127.0.0.1");
  let answer = "";
  socket.on("data", (part) => (answer += part.toString("latin1")));
  socket.on("error", () => {});
  socket.write(text);
  await once(socket, "close");
  return answer;
}

function requestOf(lengthBytes: number): string {
  const [before, after] = ["GET / HTTP/1.1\r\nHost: t\r\nConnection: close\r\nX: ", "\r\n\r\n"];
  return before + "x".repeat(lengthBytes - before.length - after.length) + after;
}

test("every answer has the headers that keep a browser from what pages never ask for, and a request's id", async () => {
  await using origin = await fakeOrigin({ plugins: [pages] });
  for (const url of ["/", "/nothing", "/api/v1/products", "/bug", "/healthz", "/%", "/api/v1/%zz"]) {
    const { headers } = await origin.app.inject(url);
    const policy = String(headers["content-security-policy"]);
    assert.match(policy, /^default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src/);
    assert.match(policy, /form-action 'self'; frame-ancestors 'none'; base-uri 'none'$/);
    assert.equal(headers["x-content-type-options"], "nosniff");
    assert.equal(headers["referrer-policy"], "same-origin");
    assert.match(String(headers["x-request-id"]), /^[0-9a-f]{12}-[0-9a-z]+$/);
    assert.equal(headers["strict-transport-security"], undefined);
  }
});

test("X-Forwarded-For and -Proto count from proxies that are named, and from nobody else", async () => {
  const headers = { "x-forwarded-for": "192.0.2.1, 198.51.100.7", "x-forwarded-proto": "https" };
  for (const [proxies, address, protocol] of [
    [[], "127.0.0.1", "http"],
    [["10.0.0.0/8"], "127.0.0.1", "http"],
    [["127.0.0.0/8"], "198.51.100.7", "https"],
    [["127.0.0.1", "198.51.100.0/24"], "192.0.2.1", "https"],
  ] as const) {
    await using origin = await fakeOrigin({ plugins: [pages] }, { trustedProxies: proxies });
    const answer = await origin.app.inject({ url: "/whoami", headers });
    assert.deepEqual(answer.json(), { address, protocol }, proxies.join());
    const isSecure = protocol === "https";
    assert.equal(answer.headers["strict-transport-security"], isSecure ? "max-age=63072000" : undefined);
  }
  for (const entry of ["proxy.example", "10.0.0.0/33", "10.0.0.0/", "::1/129", ""]) {
    assert.throws(() => trustedProxies([entry]), /is neither an address nor a network/);
  }
});

test("errors are pages for people and problem documents for programs, and say nothing of bugs", async () => {
  await using origin = await fakeOrigin({ plugins: [pages] });
  const json = { accept: "application/json" };
  for (const [url, status, code, detail] of [
    ["/nothing", 404, "route.unknown", /nothing at this address/],
    ["/case", 409, "case.closed", /The case is closed/],
    ["/store", 503, "catalogue.store", /The disk is full\./],
    ["/bug", 500, "internal", /The log knows more/],
  ] as const) {
    const page = await origin.app.inject(url);
    assert.equal(page.statusCode, status);
    assert.match(String(page.headers["content-type"]), /^text\/html/);
    assert.match(page.body, /<!doctype html>/);
    assert.match(page.body, detail);
    assert.ok(page.body.includes(String(page.headers["x-request-id"])));
    const problem = await origin.app.inject({ url, headers: json });
    assert.match(String(problem.headers["content-type"]), /^application\/problem\+json/);
    const body = problem.json<Record<string, unknown>>();
    assert.deepEqual(
      [body["status"], body["code"], body["requestId"]],
      [status, code, problem.headers["x-request-id"]],
    );
    assert.match(String(body["detail"]), detail);
    for (const answer of [page, problem]) {
      assert.equal(answer.headers["cache-control"], "no-store");
      assert.ok(!answer.body.includes("secret"));
    }
  }
  const inApi = await origin.app.inject("/api/v1/nothing");
  assert.equal(inApi.json<{ code: string }>().code, "route.unknown");
});

test("a body, a head and a part of a path have a greatest length", async () => {
  await using origin = await fakeOrigin({ plugins: [pages] });
  const { port } = await origin.listen();
  const post = async (length: number): Promise<number> => {
    const [headers, payload] = [{ "content-type": "application/json" }, JSON.stringify("x".repeat(length - 2))];
    return (await origin.app.inject({ method: "POST", url: "/form", headers, payload })).statusCode;
  };
  assert.equal(await post(ORIGIN_BODY_BYTES_MAX), 200);
  assert.equal(await post(ORIGIN_BODY_BYTES_MAX + 1), 413);
  // Node.js counts a little less than all of it.
  assert.match(await raw(port, requestOf(ORIGIN_HEAD_BYTES_MAX)), /^HTTP\/1\.1 200 /);
  assert.match(await raw(port, requestOf(ORIGIN_HEAD_BYTES_MAX + 100)), /^HTTP\/1\.1 431 /);
  const longest = sampleRelease({ product: "p".repeat(ORIGIN_PATH_PART_CHARACTERS_MAX) });
  origin.catalogue.all.set(refOf(longest), longest);
  for (const [length, status] of [
    [ORIGIN_PATH_PART_CHARACTERS_MAX, 200],
    [ORIGIN_PATH_PART_CHARACTERS_MAX + 1, 414],
  ] as const) {
    const product = "p".repeat(length);
    assert.equal((await origin.app.inject(`/api/v1/products/${product}/releases/1.0`)).statusCode, status);
  }
});

test("pages have a rate by address, and a route may have a stricter one of its own", async () => {
  await using origin = await fakeOrigin({ plugins: [pages], limits: { pagesPerMinute: 3 } });
  const statuses = async (url: string, count: number): Promise<number[]> => {
    const asked: number[] = [];
    for (let i = 0; i < count; i++) asked.push((await origin.app.inject(url)).statusCode);
    return asked;
  };
  assert.deepEqual(await statuses("/strict", 2), [200, 429]);
  assert.deepEqual(await statuses("/", 2), [200, 200]);
  assert.deepEqual(await statuses("/nothing", 2), [404, 429]);
  assert.deepEqual(await statuses("/", 1), [429]);
  await origin.add({}, randomPayload(10));
  assert.deepEqual(await statuses("/files/tool/1.0/tool.bin", 5), [200, 200, 200, 200, 200]);
  assert.equal((await origin.app.inject({ url: "/", remoteAddress: "192.0.2.5" })).statusCode, 200);
});

test("a request is one line of the log, with its id and without its query", async () => {
  const lines: Record<string, unknown>[] = [];
  const sink = new Writable({
    write: (line: Buffer, _, done) => {
      lines.push(JSON.parse(line.toString()) as Record<string, unknown>);
      done();
    },
  });
  const logger = createLogger("info", sink);
  await using origin = await fakeOrigin({ plugins: [pages], logger });
  const answer = await origin.app.inject("/whoami?token=secret");
  logOf(logger).write("warn", "seed.stopped", { product: "tool" });
  logOf(logger).write("debug", "not.shown");
  await origin.app.inject("/bug");
  const { time, ms, ...request } = lines[0] ?? {};
  assert.deepEqual(request, {
    level: "info",
    requestId: answer.headers["x-request-id"],
    method: "GET",
    path: "/whoami",
    status: 200,
    address: "127.0.0.1",
    msg: "http.request",
  });
  assert.match(String(time), /^\d{4}-\d\d-\d\dT/);
  assert.equal(typeof ms, "number");
  assert.deepEqual(
    lines.slice(1).map(({ level, msg }) => [level, msg]),
    [
      ["warn", "seed.stopped"],
      ["error", "http.failed"],
      ["info", "http.request"],
    ],
  );
  assert.match(JSON.stringify(lines[2]), /a secret of ours/);
  assert.ok(!JSON.stringify(lines[0]).includes("secret"));
});
