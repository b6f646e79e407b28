import assert from "node:assert/strict";
import { test } from "node:test";
import { bodyOf, readBody } from "./http-body.ts";
import { HttpClient } from "./http-client.ts";
import type { HttpClientOptions, HttpGet } from "./http-client.ts";
import {
  allClosed,
  ownAddress,
  rejection,
  serveHttp,
  serveRaw,
  unaborted,
  withoutNetwork,
} from "./local-server.test.ts";
import type { Handler } from "./local-server.test.ts";
import { strictUrlPolicy } from "./url-policy.ts";

const onNetwork = { skip: withoutNetwork };
const seed: HttpGet = { purpose: "web-seed", signal: unaborted };

async function getText(client: HttpClient, url: string, get: HttpGet = seed, bytesMax = 1_000): Promise<string> {
  const reply = await client.get(url, get);
  const body = await readBody(reply, bytesMax, { idleTimeoutMs: client.idleTimeoutMs, signal: get.signal });
  return body.toString();
}

/** Resolves any name to those addresses, one after the other where there are more; counts how often it was asked. */
function resolver(...answers: readonly string[][]): Required<Pick<HttpClientOptions, "resolve">> & { asked: string[] } {
  const asked: string[] = [];
  return { asked, resolve: async (host) => answers[Math.min(asked.push(host), answers.length) - 1] ?? [] };
}

void test("HttpClient connects to the resolved address and keeps the name in the Host header", async () => {
  await using server = await serveHttp((request, response) => response.end(request.headers.host));
  const names = resolver(["127.0.0.1"]);
  await using client = new HttpClient(2, names);
  assert.equal(await getText(client, server.url("/f", "seed.example")), `seed.example:${server.port}`);
  assert.deepEqual(names.asked, ["seed.example"]);
});

void test("HttpClient resolves once a request: a name that changes its meaning gains nothing", async () => {
  await using server = await serveHttp((_, response) => response.end("ok"));
  const names = resolver(["127.0.0.1"], ["127.0.0.2"]);
  await using client = new HttpClient(2, names);
  assert.equal(await getText(client, server.url("/f", "seed.example")), "ok");
  assert.equal(names.asked.length, 1);
  // Nobody listens at what the name means by then.
  await rejection(client.get(server.url("/f", "seed.example"), seed), "net.connect");
});

void test("HttpClient follows no redirect to a narrower scope unless a setting allows it", onNetwork, async () => {
  let hits = 0;
  await using target = await serveHttp((_, response) => {
    hits += 1;
    response.end("secret");
  });
  const redirect: Handler = (_, response) => response.writeHead(302, { location: target.url("/f") }).end();
  await using server = await serveHttp(redirect, ownAddress);
  const url = server.url("/f", ownAddress);
  await using strict = new HttpClient(2);
  const error = await rejection(strict.get(url, seed), "net.policy-redirect-to-local");
  assert.match(error.message, /(?:private|global) address .*loopback.*allowRedirectToLocal/);
  assert.equal(hits, 0, "the target heard nothing");
  const policy = { ...strictUrlPolicy, allowRedirectToLocal: true };
  await using lenient = new HttpClient(2, { policy });
  assert.equal(await getText(lenient, url), "secret");
});

void test("HttpClient applies the policy to every hop", async () => {
  const locations = ["/f?x=1", "ftp://h/f", "http://u:p@h.example/f", "http://", undefined];
  await using server = await serveHttp((request, response) => {
    const location = locations[Number(request.url?.slice(1))];
    response.writeHead(301, location === undefined ? {} : { location }).end();
  });
  await using client = new HttpClient(2);
  await rejection(client.get(server.url("/0"), seed), "net.policy-local-web-seed-query");
  await rejection(client.get(server.url("/1"), seed), "net.policy-scheme");
  await rejection(client.get(server.url("/2"), seed), "net.policy-credentials");
  await rejection(client.get(server.url("/3"), seed), "net.redirect");
  await rejection(client.get(server.url("/4"), seed), "net.redirect");
});

void test("HttpClient follows relative redirects and gives up on loops", async () => {
  let requests = 0;
  await using server = await serveHttp((request, response) => {
    requests += 1;
    if (request.url === "/a/end") response.end("here");
    else response.writeHead(307, { location: request.url === "/a/start" ? "end" : request.url }).end();
  });
  await using client = new HttpClient(2);
  assert.equal(await getText(client, server.url("/a/start")), "here");
  requests = 0;
  await rejection(client.get(server.url("/loop"), seed), "net.redirect");
  assert.equal(requests, 6);
});

void test("HttpClient tries the next address where one cannot be connected to", async () => {
  await using server = await serveHttp((_, response) => response.end("ok"), "127.0.0.1");
  await using client = new HttpClient(2, resolver(["::1", "127.0.0.2", "127.0.0.1"]));
  assert.equal(await getText(client, server.url("/f", "dual.example")), "ok");
  await using lost = new HttpClient(2, resolver(["::1", "127.0.0.2"]));
  const error = await rejection(lost.get(server.url("/f", "dual.example"), seed), "net.connect");
  assert.equal(error.retryable, true);
});

void test("HttpClient speaks IPv6", async () => {
  await using server = await serveHttp((request, response) => response.end(request.headers.host), "::1");
  await using client = new HttpClient(2);
  assert.equal(await getText(client, server.url("/f", "[::1]")), `[::1]:${server.port}`);
});

void test("HttpClient gives up on a server that sends no headers, or drips them", async () => {
  await using mute = await serveRaw(() => {});
  await using dripping = await serveRaw((socket) => {
    socket.write("HTTP/1.1 200 OK\r\n");
    const timer = setInterval(() => socket.write("x: y\r\n"), 5);
    socket.on("close", () => clearInterval(timer));
  });
  await using client = new HttpClient(2, { headersTimeoutMs: 40 });
  for (const server of [mute, dripping]) {
    assert.equal((await rejection(client.get(server.url("/f"), seed), "net.timeout")).retryable, true);
  }
});

void test("HttpClient rejects what is not HTTP, too many headers, an upgrade and a closed connection", async () => {
  const answers = [
    "SSH-2.0-OpenSSH\r\n\r\n",
    `HTTP/1.1 200 OK\r\n${"x: yyyyyyyyyyyyyyyyyyyyyyyyyyyy\r\n".repeat(2_000)}\r\n`,
    "HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: x\r\n\r\n",
    "",
  ];
  for (const [index, code] of (["net.protocol", "net.protocol", "net.connect", "net.connect"] as const).entries()) {
    await using server = await serveRaw((socket) => socket.end(answers[index] ?? ""));
    await using client = new HttpClient(2);
    await rejection(client.get(server.url("/f"), seed), code);
  }
});

void test("HttpClient rejects with the signal's reason: before, while it waits for a connection, for headers and for the body", async () => {
  const began = Promise.withResolvers<void>();
  await using server = await serveHttp((request, response) => {
    if (request.url === "/body") response.writeHead(200).write("some");
    began.resolve();
  });
  await using client = new HttpClient(1);
  await assert.rejects(
    client.get(server.url("/f"), { ...seed, signal: AbortSignal.abort(new Error("before")) }),
    /before/,
  );
  const headers = new AbortController();
  const queued = new AbortController();
  const first = client.get(server.url("/f"), { ...seed, signal: headers.signal });
  const second = client.get(server.url("/f"), { ...seed, signal: queued.signal });
  await began.promise;
  queued.abort(new Error("queued"));
  await assert.rejects(second, /queued/);
  headers.abort(new Error("headers"));
  await assert.rejects(first, /headers/);
  const body = new AbortController();
  const reply = await client.get(server.url("/body"), { ...seed, signal: body.signal });
  const parts = bodyOf(reply, { idleTimeoutMs: 10_000, signal: body.signal });
  assert.equal(String((await parts.next()).value), "some");
  const reading = parts.next();
  body.abort(new Error("body"));
  await assert.rejects(reading, /body/);
});

void test("readBody() rejects a body that is announced or found to be too long, silent or cut", async () => {
  await using server = await serveHttp((request, response) => {
    if (request.url === "/announced") response.writeHead(200, { "content-length": 2_000 }).end("x".repeat(2_000));
    else if (request.url === "/silent") response.writeHead(200).write("some");
    else if (request.url === "/cut")
      response.writeHead(200, { "content-length": 100 }).write("some", () => response.destroy());
    else {
      const write = (): void => {
        while (!response.destroyed && response.write("x".repeat(500)));
      };
      response.on("drain", write);
      write();
    }
  });
  await using client = new HttpClient(4);
  await using hasty = new HttpClient(4, { idleTimeoutMs: 40 });
  await rejection(getText(client, server.url("/announced")), "net.reply-too-long");
  await rejection(getText(client, server.url("/endless")), "net.reply-too-long");
  assert.equal((await rejection(getText(hasty, server.url("/silent")), "net.timeout")).retryable, true);
  assert.equal((await rejection(getText(client, server.url("/cut")), "net.protocol")).retryable, true);
  await allClosed(server.sockets);
});

void test("HttpClient uses a connection again and survives a server that closes it between two requests", async () => {
  await using server = await serveHttp((_, response) => response.end("ok"));
  await using client = new HttpClient(2);
  assert.equal(await getText(client, server.url("/f")), "ok");
  assert.equal(await getText(client, server.url("/f")), "ok");
  assert.equal(server.sockets.size, 1);
  for (const socket of server.sockets) socket.destroy();
  assert.equal(await getText(client, server.url("/f")), "ok");
});

void test("HttpClient sends credentials where the policy allows them", async () => {
  await using server = await serveHttp((request, response) => response.end(request.headers.authorization ?? "none"));
  const policy = { ...strictUrlPolicy, allowCredentials: true };
  await using client = new HttpClient(2, { policy });
  const basic = `Basic ${Buffer.from("user:pa:ss").toString("base64")}`;
  assert.equal(await getText(client, server.url("/f", "user:pa%3Ass@127.0.0.1")), basic);
});
