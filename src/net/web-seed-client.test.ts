import assert from "node:assert/strict";
import type { ServerResponse } from "node:http";
import { test } from "node:test";
import { gzipSync } from "node:zlib";
import { allClosed, rejection, serveHttp, serveRaw, unaborted } from "./local-server.test.ts";
import type { Handler } from "./local-server.test.ts";
import type { NetErrorCode } from "./net-error.ts";
import { WebSeedClient } from "./web-seed-client.ts";
import type { FetchRange } from "./web-seed-client.ts";

const file = Buffer.from(Array.from({ length: 300_000 }, (_, index) => (index * 31 + (index >> 8)) & 0xff));

/** What a sound server does. */
const serveFile: Handler = (request, response) => {
  const [, first = "", last = ""] = /^bytes=(\d+)-(\d+)$/.exec(request.headers.range ?? "") ?? [];
  const body = file.subarray(Number(first), Number(last) + 1);
  response.writeHead(206, {
    "content-range": `bytes ${first}-${last}/${file.length}`,
    "content-length": body.length,
  });
  response.end(body);
};

async function fetchBytes(client: WebSeedClient, url: string, range: Partial<FetchRange> = {}): Promise<Buffer> {
  const parts: Buffer[] = [];
  await client.fetchRange({
    url,
    start: 1_000,
    lengthBytes: 100_000,
    fileLengthBytes: file.length,
    signal: unaborted,
    onData: (bytes) => void parts.push(bytes),
    ...range,
  });
  return Buffer.concat(parts);
}

void test("WebSeedClient delivers exactly the range, over one kept connection", async () => {
  await using server = await serveHttp(serveFile);
  await using client = new WebSeedClient();
  for (const [start, length] of [
    [0, 1],
    [1_000, 100_000],
    [299_999, 1],
    [0, 300_000],
  ] as const) {
    const bytes = await fetchBytes(client, server.url("/f"), { start, lengthBytes: length });
    assert.deepEqual(bytes, file.subarray(start, start + length));
  }
  assert.equal(server.sockets.size, 1);
});

void test("WebSeedClient opens few connections to one seed", async () => {
  await using server = await serveHttp(serveFile);
  await using client = new WebSeedClient();
  const all = await Promise.all(Array.from({ length: 20 }, () => fetchBytes(client, server.url("/f"))));
  for (const bytes of all) assert.deepEqual(bytes, file.subarray(1_000, 101_000));
  assert.ok(server.sockets.size <= 4, `${server.sockets.size}`);
});

void test("WebSeedClient takes a whole file from a server without ranges, and only then", async () => {
  await using server = await serveHttp((_, response) => response.end(file));
  await using client = new WebSeedClient();
  const whole = { start: 0, lengthBytes: file.length };
  assert.deepEqual(await fetchBytes(client, server.url("/f"), whole), file);
  await rejection(fetchBytes(client, server.url("/f")), "net.web-seed-range");
  await rejection(fetchBytes(client, server.url("/f"), { start: 0, lengthBytes: 5 }), "net.web-seed-range");
});

void test("WebSeedClient refuses by the head what is not the range, before a byte is delivered", async () => {
  const good = { "content-range": `bytes 1000-100999/${file.length}` };
  const answers: readonly [NetErrorCode, number, Record<string, string>][] = [
    ["net.web-seed-range", 206, {}],
    ["net.web-seed-range", 206, { "content-range": "bytes 1001-101000/300000" }],
    ["net.web-seed-range", 206, { "content-range": "bytes 1000-100998/300000" }],
    ["net.web-seed-range", 206, { "content-range": "bytes 1000-100999/300001" }],
    ["net.web-seed-range", 206, { "content-range": "bytes */300000" }],
    ["net.web-seed-range", 206, { "content-range": "bytes 1000-100999" }],
    ["net.web-seed-range", 206, { "content-type": "multipart/byteranges; boundary=x" }],
    ["net.web-seed-range", 416, {}],
    ["net.web-seed-length", 206, { ...good, "content-length": "99999" }],
    ["net.web-seed-length", 206, { ...good, "content-length": "100001" }],
    ["net.content-encoding", 206, { ...good, "content-encoding": "gzip" }],
    ["net.http-status", 204, {}],
    ["net.http-status", 304, {}],
    ["net.web-seed-withdrawn", 451, {}],
  ];
  await using server = await serveHttp((request, response) => {
    const [, status, headers] = answers[Number(request.url?.slice(1))] ?? answers[0]!;
    response.writeHead(status, headers);
    // Never more than its headers announce, or node's server would not send it.
    if (status === 206) response.write(gzipSync("x"));
    else response.end();
  });
  await using client = new WebSeedClient();
  for (const [index, [code, status, headers]] of answers.entries()) {
    let delivered = 0;
    const onData = (bytes: Buffer): void => void (delivered += bytes.length);
    const error = await rejection(fetchBytes(client, server.url(`/${index}`), { onData }), code);
    assert.equal(error.status, status, JSON.stringify(headers));
    assert.equal(delivered, 0, JSON.stringify(headers));
  }
});

function endless(response: ServerResponse): void {
  const write = (): void => {
    while (!response.destroyed && response.write(file));
  };
  response.on("drain", write);
  write();
}

void test("WebSeedClient cuts an endless body at the range's length and closes its connection", async () => {
  await using server = await serveHttp((_, response) => {
    response.writeHead(206, { "content-range": `bytes 1000-100999/${file.length}` });
    endless(response);
  });
  await using client = new WebSeedClient();
  assert.deepEqual(await fetchBytes(client, server.url("/f")), file.subarray(0, 100_000));
  await allClosed(server.sockets);
  assert.equal(server.sockets.size, 1);
});

void test("WebSeedClient rejects a body that ends too early, in order or not, and one that goes silent", async () => {
  await using server = await serveHttp((request, response) => {
    response.writeHead(206, { "content-range": `bytes 1000-100999/${file.length}` });
    if (request.url === "/short") response.end(file.subarray(0, 99_999));
    else response.write(file.subarray(0, 99_999), () => request.url === "/cut" && response.destroy());
  });
  await using client = new WebSeedClient();
  await using hasty = new WebSeedClient({ idleTimeoutMs: 40 });
  assert.equal((await rejection(fetchBytes(client, server.url("/short")), "net.web-seed-length")).retryable, true);
  assert.equal((await rejection(fetchBytes(client, server.url("/cut")), "net.protocol")).retryable, true);
  assert.equal((await rejection(fetchBytes(hasty, server.url("/silent")), "net.timeout")).retryable, true);
});

void test("WebSeedClient is not confused by bytes after the announced length", async () => {
  await using server = await serveRaw((socket) => {
    socket.write(`HTTP/1.1 206 x\r\nContent-Range: bytes 1000-1003/300000\r\nContent-Length: 4\r\n\r\nabcdEXTRA`);
  });
  await using client = new WebSeedClient();
  for (let i = 0; i < 3; i++) {
    assert.equal((await fetchBytes(client, server.url("/f"), { lengthBytes: 4 })).toString(), "abcd");
  }
});

void test("WebSeedClient waits for a slow consumer: the server is held back and no time-out strikes", async () => {
  let sent = 0;
  const lengthBytes = 64 * 1024 * 1024;
  await using server = await serveHttp((_, response) => {
    response.writeHead(206, {
      "content-range": `bytes 0-${lengthBytes - 1}/${lengthBytes + 1}`,
      "content-length": lengthBytes,
    });
    const part = Buffer.alloc(1024 * 1024);
    const write = (): void => {
      while (sent < lengthBytes) {
        sent += part.length;
        if (!response.write(part)) return;
      }
      response.end();
    };
    response.on("drain", write);
    write();
  });
  await using client = new WebSeedClient({ idleTimeoutMs: 200 });
  let received = 0;
  let held: number | null = null;
  await client.fetchRange({
    url: server.url("/f"),
    start: 0,
    lengthBytes,
    fileLengthBytes: lengthBytes + 1,
    signal: unaborted,
    onData: async (bytes) => {
      received += bytes.length;
      if (held !== null) return;
      // Longer than the idle time-out: the socket's buffers fill and the server stops.
      await new Promise((resolve) => setTimeout(resolve, 450));
      held = sent;
    },
  });
  assert.equal(received, lengthBytes);
  assert.ok(held !== null && held < lengthBytes / 2, `${held} bytes were sent while the consumer waited`);
});

void test("WebSeedClient ends the request where the consumer throws or the signal is aborted", async () => {
  await using server = await serveHttp((_, response) => {
    response.writeHead(206, { "content-range": `bytes 1000-100999/${file.length}`, "content-length": 100_000 });
    response.write(file.subarray(0, 10));
  });
  await using client = new WebSeedClient();
  const disk = new Error("disk full");
  await assert.rejects(
    fetchBytes(client, server.url("/f"), {
      onData: () => {
        throw disk;
      },
    }),
    disk,
  );
  await assert.rejects(fetchBytes(client, server.url("/f"), { onData: () => Promise.reject(disk) }), disk);
  const controller = new AbortController();
  const onData = (): void => controller.abort(new Error("not needed any more"));
  await assert.rejects(fetchBytes(client, server.url("/f"), { signal: controller.signal, onData }), /not needed/);
  await allClosed(server.sockets);
});

void test("WebSeedClient refuses a range that is none", async () => {
  await using client = new WebSeedClient();
  for (const bad of [{ lengthBytes: 0 }, { start: -1 }, { start: 299_999, lengthBytes: 2 }, { start: Number.NaN }]) {
    await assert.rejects(fetchBytes(client, "http://127.0.0.1:1/f", bad), RangeError);
  }
});
