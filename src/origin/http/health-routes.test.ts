import assert from "node:assert/strict";
import { test } from "node:test";
import { ORIGIN_METRICS_RELEASES_MAX } from "../../core/index.ts";
import { refOf } from "../domain.ts";
import { fakeOrigin, randomPayload, sampleRelease } from "./fake-origin.test.ts";

test("/readyz says what is missing, and no more than that; /healthz goes on", async () => {
  let isThere = true;
  const payloads = (): Promise<void> =>
    isThere ? Promise.resolve() : Promise.reject(new Error("ENOENT: data/payloads"));
  await using origin = await fakeOrigin({ readiness: { payloads } });
  const ready = await origin.app.inject("/readyz");
  assert.equal(ready.statusCode, 200);
  assert.deepEqual(ready.json(), { status: "ready", checks: { database: "ok", payloads: "ok" } });
  isThere = false;
  const missing = await origin.app.inject("/readyz");
  assert.equal(missing.statusCode, 503);
  assert.deepEqual(missing.json(), { status: "not ready", checks: { database: "ok", payloads: "failed" } });
  assert.equal((await origin.app.inject("/healthz")).statusCode, 200);
});

test("/readyz says that the database does not answer", async () => {
  await using origin = await fakeOrigin();
  await origin.parts.database[Symbol.asyncDispose]();
  const answer = await origin.app.inject("/readyz");
  assert.equal(answer.statusCode, 503);
  assert.deepEqual(answer.json(), { status: "not ready", checks: { database: "failed" } });
});

test("/metrics needs a token, and counts requests by route, bytes by door, releases and their swarms", async () => {
  await using origin = await fakeOrigin();
  await origin.add({}, randomPayload(1000));
  const { url } = await origin.listen();
  assert.equal((await fetch(`${url}/metrics`)).status, 401);
  assert.equal((await fetch(`${url}/metrics`, { headers: await origin.token("publish") })).status, 403);
  await (await fetch(`${url}/files/tool/1.0/tool.bin`, { headers: { range: "bytes=0-99" } })).arrayBuffer();
  await (await fetch(`${url}/download/tool/1.0/tool.bin`)).arrayBuffer();
  await (await fetch(`${url}/made/up/by/a/client`)).arrayBuffer();
  const answer = await fetch(`${url}/metrics`, { headers: await origin.token("read") });
  assert.match(answer.headers.get("content-type") ?? "", /^text\/plain; version=0\.0\.4/);
  const text = await answer.text();
  for (const line of [
    'upswarm_http_request_duration_seconds_count{route="/files/:product/:version/*",method="GET",status="206"} 1',
    'upswarm_http_request_duration_seconds_count{route="none",method="GET",status="404"} 1',
    'upswarm_http_payload_sent_bytes_total{door="web-seed"} 100',
    'upswarm_http_payload_sent_bytes_total{door="direct"} 1000',
    "upswarm_releases 1",
    "upswarm_http_downloads 0",
    'upswarm_swarm_seeds{release="tool/1.0"} 1',
    'upswarm_swarm_downloading{release="tool/1.0"} 2',
    'upswarm_swarm_origin_sent_bytes{release="tool/1.0",door="seed"} 0',
  ]) {
    assert.ok(text.includes(`\n${line}\n`), line);
  }
  assert.match(text, /\nupswarm_http_connections [1-9]/);
  assert.ok(!text.includes("made/up"));
});

test("/metrics shows the swarms of the newest releases only", async () => {
  await using origin = await fakeOrigin();
  for (let sequence = 1; sequence <= ORIGIN_METRICS_RELEASES_MAX + 1; sequence++) {
    const release = sampleRelease({ version: `1.${sequence}`, sequence });
    origin.catalogue.all.set(refOf(release), release);
  }
  const { body } = await origin.app.inject({ url: "/metrics", headers: await origin.token("admin") });
  assert.equal(body.match(/^upswarm_swarm_seeds\{/gm)?.length, ORIGIN_METRICS_RELEASES_MAX);
  assert.ok(!body.includes('"tool/1.1"'));
  assert.ok(body.includes(`\nupswarm_releases ${ORIGIN_METRICS_RELEASES_MAX + 1}\n`));
});
