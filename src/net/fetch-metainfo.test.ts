import assert from "node:assert/strict";
import { test } from "node:test";
import { fetchMetainfo } from "./fetch-metainfo.ts";
import { rejection, serveHttp, unaborted } from "./local-server.test.ts";

const options = { signal: unaborted };

void test("fetchMetainfo() returns the bytes, also from behind a redirect and with a query", async () => {
  const bytes = Buffer.from("d4:infod4:name1:xee");
  await using server = await serveHttp((request, response) => {
    if (request.url === "/latest") response.writeHead(302, { location: "/1.2.torrent?token=1" }).end();
    else response.end(bytes);
  });
  assert.deepEqual(await fetchMetainfo(server.url("/latest"), options), bytes);
  assert.deepEqual(await fetchMetainfo(server.url("/x?y=z"), options), bytes);
});

void test("fetchMetainfo() rejects what is too long, withdrawn, missing or no web address", async () => {
  await using server = await serveHttp((request, response) => {
    const status = Number(request.url?.slice(1));
    response.writeHead(status, { link: '<https://authority.example/>; rel="blocked-by"' });
    response.end(Buffer.alloc(1_001));
  });
  await rejection(fetchMetainfo(server.url("/200"), { ...options, lengthBytesMax: 1_000 }), "net.reply-too-long");
  const withdrawn = await rejection(fetchMetainfo(server.url("/451"), options), "net.withdrawn");
  assert.equal(withdrawn.blockedBy, "https://authority.example/");
  await rejection(fetchMetainfo(server.url("/404"), options), "net.not-found");
  await rejection(fetchMetainfo(server.url("/206"), options), "net.http-status");
  await rejection(fetchMetainfo("file:///etc/passwd", options), "net.policy-scheme");
});

void test("fetchMetainfo() leaves nothing open when it is aborted", async () => {
  const controller = new AbortController();
  await using server = await serveHttp((_, response) => {
    response.writeHead(200).write("d");
    controller.abort(new Error("enough"));
  });
  await assert.rejects(fetchMetainfo(server.url("/x"), { signal: controller.signal }), /enough/);
});
