import assert from "node:assert/strict";
import { test } from "node:test";
import { HttpClient } from "./http-client.ts";
import { parseRetryAfter, statusError } from "./http-status.ts";
import { serveHttp, unaborted } from "./local-server.test.ts";

void test("parseRetryAfter() reads seconds and dates, bounded, and nothing else", () => {
  const now = Date.parse("2026-11-22T10:00:00Z");
  assert.equal(parseRetryAfter("120", now), 120_000);
  assert.equal(parseRetryAfter("Sun, 22 Nov 2026 10:00:30 GMT", now), 30_000);
  assert.equal(parseRetryAfter("Sun, 22 Nov 2020 10:00:30 GMT", now), 0);
  assert.equal(parseRetryAfter("999999999999", now), 86_400_000);
  assert.equal(parseRetryAfter("soon", now), null);
  assert.equal(parseRetryAfter(undefined, now), null);
});

void test("statusError() tells withdrawn, gone, missing and busy apart, and who blocked it", async () => {
  await using server = await serveHttp((request, response) => {
    response.writeHead(Number(request.url?.slice(1)), {
      link: '</other>; rel="next", <https://authority.example/case/7>; rel="blocked-by"',
      "retry-after": "7",
    });
    response.end();
  });
  await using client = new HttpClient(2);
  const of = async (status: number, purpose: "web-seed" | "metainfo" | "tracker") =>
    statusError(await client.get(server.url(`/${status}`), { purpose: "metainfo", signal: unaborted }), purpose);
  const facts = async (...args: Parameters<typeof of>) => {
    const { code, status, retryable } = await of(...args);
    return [code, status, retryable];
  };
  assert.deepEqual(await facts(451, "web-seed"), ["net.web-seed-withdrawn", 451, false]);
  assert.deepEqual(await facts(410, "web-seed"), ["net.web-seed-gone", 410, false]);
  assert.deepEqual(await facts(404, "web-seed"), ["net.web-seed-not-found", 404, false]);
  assert.deepEqual(await facts(403, "web-seed"), ["net.http-status", 403, false]);
  assert.deepEqual(await facts(503, "web-seed"), ["net.http-status", 503, true]);
  assert.deepEqual(await facts(429, "web-seed"), ["net.http-status", 429, true]);
  assert.deepEqual(await facts(451, "metainfo"), ["net.withdrawn", 451, false]);
  assert.deepEqual(await facts(404, "metainfo"), ["net.not-found", 404, false]);
  assert.deepEqual(await facts(404, "tracker"), ["net.not-found", 404, true]);
  assert.deepEqual(await facts(451, "tracker"), ["net.withdrawn", 451, false]);
  assert.equal((await of(451, "web-seed")).blockedBy, "https://authority.example/case/7");
  assert.equal((await of(503, "web-seed")).blockedBy, null);
  assert.equal((await of(503, "web-seed")).retryAfterMs, 7_000);
});
