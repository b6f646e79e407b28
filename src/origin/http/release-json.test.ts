import assert from "node:assert/strict";
import { test } from "node:test";
import fastify from "fastify";
import { sendReleaseJson, wantsJson } from "./release-json.ts";

const wants = (accept?: string): boolean => wantsJson({ headers: accept === undefined ? {} : { accept } });

test("wantsJson() gives JSON to who names it and the page to browsers and to who takes anything", () => {
  assert.ok(wants("application/json"));
  assert.ok(wants("text/html;q=0.5, Application/JSON; q=0.9"));
  assert.ok(wants("application/json, */*"));
  const chromium = "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,*/*;q=0.8";
  for (const accept of [undefined, "", "*/*", chromium, "application/json;q=0", "application/json;q=0.1,text/html"]) {
    assert.ok(!wants(accept), String(accept));
  }
});

test("sendReleaseJson() says where the signed metadata is, and that the answer depends on Accept", async () => {
  const app = fastify();
  app.get("/p", (_, reply) => sendReleaseJson(reply, { product: "p", version: null }));
  const answer = await app.inject("/p");
  assert.deepEqual(answer.json(), {
    upswarm: 1,
    product: "p",
    version: null,
    metadataUrl: "/tuf/",
    targetUrl: "/tuf/targets/",
  });
  assert.equal(answer.headers.vary, "Accept");
  assert.match(String(answer.headers["content-type"]), /^application\/json/);
});
