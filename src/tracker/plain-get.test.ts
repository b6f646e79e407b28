import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:http";
import { duplexPair } from "node:stream";
import { test } from "node:test";
import fc from "fast-check";
import {
  TRACKER_HTTP_HEAD_BYTES_MAX,
  TRACKER_PLAIN_HEADERS_LENGTH_MAX,
  TRACKER_PLAIN_HEADERS_MAX,
} from "../core/index.ts";
import { PlainGetReader } from "./plain-get.ts";
import type { PlainGet } from "./plain-get.ts";

const read = (text: string): PlainGet | null => new PlainGetReader().read(text);
const get = (headers: string, target = "/announce?a=1&b=%00"): string => `GET ${target} HTTP/1.1\r\n${headers}\r\n`;
const HOST = "Host: tracker.example:80\r\n";

for (const [who, headers, isLast] of [
  ["libtorrent", "Host: t:80\r\nUser-Agent: libtorrent/2.0.8\r\nAccept-Encoding: gzip\r\nConnection: close\r\n", true],
  [
    "curl's users",
    "Host: t:80\r\nUser-Agent: Transmission/3.00\r\nAccept: */*\r\nAccept-Encoding: deflate, br\r\n",
    false,
  ],
  ["who shouts", "HOST: T\r\nCONNECTION: CLOSE\r\n", true],
  ["who spells otherwise", "host:t\r\nCONNECTION:keep-Alive\r\nPragma:no-cache\r\ncache-control: no-cache\r\n", false],
] as const) {
  test(`PlainGetReader knows the announce of ${who}`, () => {
    assert.deepEqual(read(get(headers)), { path: "/announce", query: "a=1&b=%00", isLast });
    assert.deepEqual(read(get(headers, "/scrape?")), { path: "/scrape", query: "", isLast });
  });
}

for (const [what, text] of [
  ["another method", get(HOST).replace("GET", "HEAD")],
  ["another path", get(HOST, "/health?")],
  ["a path that only begins alike", get(HOST, "/announces?a")],
  ["no query", get(HOST, "/announce")],
  ["a whole URL", get(HOST, "http://tracker.example/announce?a=1")],
  ["HTTP/1.0", get(HOST).replace("1.1", "1.0")],
  ["HTTP/1.1 and a space", get(HOST).replace("1.1", "1.1 ")],
  ["a line that ends without a carriage return", get(HOST).replace("\r\n", "\n")],
  ["a carriage return alone", get("Host: a\rX: b\r\n")],
  ["half a head", get(HOST).slice(0, -2)],
  ["a head and a byte", `${get(HOST)}x`],
  ["two requests", get(HOST).repeat(2)],
  ["an empty line before it", `\r\n${get(HOST)}`],
  ["no host", get("Accept: */*\r\n")],
  ["an empty host", get("Host: \r\n")],
  ["two hosts", get(HOST + HOST)],
  ["a body", get(`${HOST}Content-Length: 0\r\n`)],
  ["a body in parts", get(`${HOST}Transfer-Encoding: c\x68unked\r\n`)],
  ["an expectation", get(`${HOST}Expect: 100-continue\r\n`)],
  ["an upgrade", get(`${HOST}Connection: upgrade\r\n`)],
  ["two opinions of the connection", get(`${HOST}Connection: close\r\nConnection: keep-alive\r\n`)],
  ["a continued line", get(`${HOST}Accept: a\r\n b\r\n`)],
  ["a space before the colon", get("Host : t\r\n")],
  ["a tab in a value", get(`${HOST}Accept: \ta\r\n`)],
  ["a byte outside ASCII in a value", get(`${HOST}User-Agent: \u00ff\r\n`)],
  ["a byte outside ASCII in the query", get(HOST, "/announce?\u00ff")],
  ["a line break in the query", get(HOST, "/announce?a\r\nb")],
  ["a header that is not on the list", get(`${HOST}X-Forwarded-For: 192.0.2.1\r\n`)],
  ["more headers than are looked at", get(`${HOST}Accept: ${"a".repeat(TRACKER_PLAIN_HEADERS_LENGTH_MAX)}\r\n`)],
  ["more than a head may have", get(HOST, `/announce?${"a".repeat(TRACKER_HTTP_HEAD_BYTES_MAX)}`)],
] as const) {
  test(`PlainGetReader leaves ${what} to Node`, () => {
    assert.ok(read(get(HOST)) !== null);
    assert.equal(read(text), null);
  });
}

test("PlainGetReader remembers what it made of headers, of a bounded number of them", () => {
  const reader = new PlainGetReader();
  for (let time = 0; time < 2; time++) {
    for (let agent = 0; agent <= TRACKER_PLAIN_HEADERS_MAX; agent++) {
      const others = agent % 3 === 0 ? "Cookie: a\r\n" : "";
      const isLast = agent % 2 === 0;
      const headers = `${HOST}User-Agent: ${agent}\r\n${others}Connection: ${isLast ? "close" : "keep-alive"}\r\n`;
      assert.equal(reader.read(get(headers))?.isLast, others === "" ? isLast : undefined);
      assert.ok(reader.knownHeaders <= TRACKER_PLAIN_HEADERS_MAX);
    }
  }
});

/** The requests that Node reads from the text, and whether it was content with all of it. */
async function nodeReads(text: string): Promise<{ readonly requests: readonly PlainGet[]; readonly isWhole: boolean }> {
  const server = createServer({ insecureHTTPParser: false });
  const [client, connection] = duplexPair();
  const requests: PlainGet[] = [];
  let isWhole = true;
  server.on("clientError", (_error, socket) => {
    isWhole = false;
    socket.destroy();
  });
  server.on("request", (request, response) => {
    const [path = "", query = ""] = (request.url ?? "").split(/\?(.*)/s);
    request.on("data", () => (isWhole = false));
    requests.push({ path: path as PlainGet["path"], query, isLast: !response.shouldKeepAlive });
    response.end();
  });
  server.emit("connection", connection);
  client.resume();
  client.end(Buffer.from(text, "latin1"));
  await once(client, "close");
  return { requests, isWhole };
}

const parts = [
  "GET |/announce?|/scrape?|a=1|%20|&|#|?| HTTP/1.1| |\t|\r\n|\r\n\r\n|\n|\r|\0|\u0080|:|,|0|close",
  "Host: t\r\n|host:t|Accept: */*|User-Agent: x\r\n|Connection: close\r\n|Connection: keep-alive\r\n|Content-Length: 1",
  "Transfer-Encoding: c\x68unked|Upgrade: h2c|Accept: *\r\n",
].flatMap((some) => some.split("|"));

test("what PlainGetReader takes Node reads as the same one request and nothing more, whatever is sent", async () => {
  const part = fc.constantFrom(...parts);
  const cut = fc.tuple(fc.nat(), fc.nat({ max: 3 }), fc.array(part, { maxLength: 3 }));
  let taken = 0;
  const around = [get(HOST), get(`${HOST}Connection: close\r\nAccept: a, b\r\n`, "/scrape?x=%ff#y?z")];
  await fc.assert(
    fc.asyncProperty(fc.constantFrom(...around), fc.array(cut, { maxLength: 3 }), async (begin, cuts) => {
      let text = begin;
      for (const [seed, length, inserted] of cuts) {
        const at = seed % (text.length + 1);
        text = text.slice(0, at) + inserted.join("") + text.slice(at + length);
      }
      const request = read(text);
      if (request === null) return;
      if (text !== begin) taken++;
      assert.deepEqual(await nodeReads(text), { requests: [request], isWhole: true }, JSON.stringify(text));
    }),
    { numRuns: 2000 },
  );
  assert.ok(taken > 30, `${taken} of those that were changed are taken`);
});
