import assert from "node:assert/strict";
import { once } from "node:events";
import { get } from "node:http";
import type { IncomingMessage } from "node:http";
import { connect } from "node:net";
import { test } from "node:test";
import { fakeOrigin } from "./fake-origin.test.ts";

const LENGTH_BYTES = 64 << 20;

async function begun(url: string): Promise<IncomingMessage> {
  const [response] = (await once(get(`${url}/download/tool/1.0/tool.bin`, { agent: false }), "response")) as [
    IncomingMessage,
  ];
  response.on("error", () => {});
  return response;
}

test("a shutdown lets a download end, takes no new connection, and drops idle ones", async () => {
  await using origin = await fakeOrigin();
  await origin.add({}, Buffer.alloc(LENGTH_BYTES));
  const { url, port } = await origin.listen();
  const response = await begun(url);
  const idle = connect(port, "127.0.0.1");
  idle.write("GET /healthz HTTP/1.1\r\nHost: t\r\n\r\n");
  await once(idle, "data");
  idle.resume();
  const dropped = once(idle, "close");
  const closed = origin.app.close();
  await dropped;
  const late = connect(port, "127.0.0.1");
  const [error] = (await once(late, "error")) as [NodeJS.ErrnoException];
  assert.equal(error.code, "ECONNREFUSED");
  let bytes = 0;
  for await (const part of response) bytes += (part as Buffer).length;
  assert.equal(bytes, LENGTH_BYTES);
  await closed;
});

test("a shutdown cuts what has not ended when its grace is over", async () => {
  await using origin = await fakeOrigin({ limits: { shutdownGraceMs: 100 } });
  await origin.add({}, Buffer.alloc(LENGTH_BYTES));
  const { url } = await origin.listen();
  const response = await begun(url);
  await origin.app.close();
  response.resume();
  await new Promise((resolve) => response.once("close", resolve));
  assert.ok(!response.complete);
});
