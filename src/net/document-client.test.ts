import assert from "node:assert/strict";
import { test } from "node:test";
import { DocumentClient } from "./document-client.ts";
import { rejection, serveHttp, unaborted } from "./local-server.test.ts";

const get = { accept: "application/json", lengthBytesMax: 100, signal: unaborted };

test("DocumentClient reads a body up to its limit, over one connection, and says where it came from", async () => {
  const accepted: unknown[] = [];
  await using server = await serveHttp((request, response) => {
    accepted.push(request.headers.accept);
    const length = request.url === "/long" ? 101 : 100;
    if (request.url === "/moved") response.writeHead(302, { location: "/here" }).end();
    else response.end("x".repeat(length));
  });
  await using client = new DocumentClient();
  await client.get(server.url("/first"), get);
  await client.get(server.url("/again"), get);
  assert.equal(server.sockets.size, 1);
  const { bytes, url } = await client.get(server.url("/moved"), get);
  assert.deepEqual([bytes.length, url.href], [100, server.url("/here")]);
  assert.deepEqual(new Set(accepted), new Set(["application/json"]));
  await rejection(client.get(server.url("/long"), get), "net.reply-too-long");
});

test("DocumentClient tells a status that is no success", async () => {
  await using server = await serveHttp((_request, response) => response.writeHead(410).end("gone"));
  await using client = new DocumentClient();
  assert.equal((await rejection(client.get(server.url("/"), get), "net.gone")).status, 410);
});

test("DocumentClient gives up on a body that is dripped", async () => {
  await using server = await serveHttp((_request, response) => {
    const drip = setInterval(() => response.write(" "), 10);
    response.on("close", () => clearInterval(drip));
  });
  await using client = new DocumentClient({ replyTimeoutMs: 150 });
  await rejection(client.get(server.url("/"), { ...get, lengthBytesMax: 1_000_000 }), "net.timeout");
});
