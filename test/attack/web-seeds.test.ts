// Web seeds that attack whoever downloads from them, through the whole engine: a download has one of them and, later, an
// honest web seed. Each is to be dropped or waited out, at bounded cost, and the right bytes are to arrive.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import type { IncomingMessage, ServerResponse } from "node:http";
import { test } from "node:test";
import type { TestContext } from "node:test";
import { HTTP_REDIRECTS_MAX, WEB_SEED_RANGE_BYTES, WEB_SEED_SLOW_AFTER_MS } from "../../src/core/index.ts";
import {
  assertDelivered,
  download,
  noise,
  openSession,
  publish,
  seed,
  until,
} from "../../src/engine/engine-fixture.test.ts";
import type { Published } from "../../src/engine/engine-fixture.test.ts";
import { serveHttp } from "../../src/engine/http-server.test.ts";
import { AheadClock } from "./ahead-clock.ts";
import { ownAddress, withoutNetwork } from "../../src/net/local-server.test.ts";

const LENGTH_BYTES = 400_000;
const onNetwork = { skip: withoutNetwork };
const HOUR_MS = 3_600_000;

interface Asked {
  readonly start: number;
  readonly end: number;
  readonly bytes: Buffer;
  readonly response: ServerResponse;
}

interface Server {
  readonly url: string;
  readonly requests: () => number;
}

/** A server that answers range requests of the payload in its own way. */
async function serve(
  t: TestContext,
  { path }: Published,
  answer: (asked: Asked) => void,
  host?: string,
): Promise<Server> {
  const bytes = readFileSync(path);
  let count = 0;
  const handler = (request: IncomingMessage, response: ServerResponse): void => {
    count++;
    const [, start, end] = /^bytes=(\d+)-(\d+)$/.exec(request.headers.range ?? "") ?? [];
    response.on("error", () => {});
    answer({ start: Number(start), end: Number(end), bytes, response });
  };
  const { url } = await serveHttp(t, handler, host);
  return { url: `${url}/update`, requests: () => count };
}

function head(
  { start, end, bytes }: Asked,
  changes: { readonly from?: number; readonly total?: number } = {},
): Record<string, string> {
  const { from = start, total = bytes.length } = changes;
  return { "content-range": `bytes ${from}-${from + end - start}/${total}` };
}

function honestly(asked: Asked): void {
  asked.response.writeHead(206, head(asked)).end(asked.bytes.subarray(asked.start, asked.end + 1));
}

/** Sends as fast as it is read, for as long as the connection stands. */
function pour(response: ServerResponse): void {
  const part = Buffer.alloc(65_536, 7);
  const write = (): void => {
    while (!response.destroyed && response.write(part));
  };
  response.on("drain", write);
  write();
}

interface Hostile {
  readonly what: string;
  readonly answer: (asked: Asked) => void;
  /** That it is sent before it is dropped; null where its bytes have to come and fail their hash first. */
  readonly requests: number | null;
}

const lengthOf = ({ start, end }: Asked): number => end - start + 1;

/** Zeros, of which the head announces so many. */
function sendZeros(asked: Asked, length: number, changes: Parameters<typeof head>[1] = {}): void {
  asked.response
    .writeHead(206, { ...head(asked, changes), "content-length": String(length) })
    .end(Buffer.alloc(length));
}

const hostile: readonly Hostile[] = [
  { what: "sends other bytes", answer: (asked) => sendZeros(asked, lengthOf(asked)), requests: null },
  {
    what: "sends other bytes, and more of them than it was asked for",
    answer: (asked) => asked.response.writeHead(206, head(asked)).end(Buffer.alloc(lengthOf(asked) + 100_000)),
    requests: null,
  },
  {
    what: "answers with the range of another place",
    answer: (asked) => sendZeros(asked, lengthOf(asked), { from: asked.start + 1 }),
    requests: 1,
  },
  {
    what: "answers for a file of another length",
    answer: (asked) => sendZeros(asked, lengthOf(asked), { total: asked.bytes.length + 1 }),
    requests: 1,
  },
  {
    what: "announces more than it was asked for",
    answer: (asked) => sendZeros(asked, lengthOf(asked) + 1),
    requests: 1,
  },
  {
    what: "announces less than it was asked for",
    answer: (asked) => sendZeros(asked, lengthOf(asked) - 1),
    requests: 1,
  },
  {
    what: "packs what it sends",
    answer: (asked) => asked.response.writeHead(206, { ...head(asked), "content-encoding": "gzip" }).end("x"),
    requests: 1,
  },
  {
    what: "redirects in a circle",
    answer: ({ response }) => response.writeHead(302, { location: "/update" }).end(),
    requests: 1 + HTTP_REDIRECTS_MAX,
  },
  {
    what: "redirects to a file on this machine",
    answer: ({ response }) => response.writeHead(302, { location: "file:///etc/passwd" }).end(),
    requests: 1,
  },
];

test("a web seed that sends what it was not asked for is not asked again, an hour later neither", async (t) => {
  for (const { what, answer, requests } of hostile) {
    await t.test(`who ${what}`, async (inner) => {
      const payload = await publish(inner, { files: noise(LENGTH_BYTES, what) });
      const bad = await serve(inner, payload, answer);
      const clock = new AheadClock();
      const session = await openSession(inner, { clock });
      const { torrent } = await download(inner, payload.metainfo, [], { webSeeds: [bad.url] }, session);
      const isDropped = (): boolean =>
        requests === null ? torrent.stats().bytes.hashFailed > 0 : bad.requests() === requests;
      await until(isDropped, "it is dropped");
      // One of our own comes in behind those that were still on their way.
      await fetch(bad.url, { headers: { range: "bytes=0-0" }, redirect: "manual" }).catch(() => {});
      const count = bad.requests();
      await clock.put(HOUR_MS);
      torrent.addPeer((await seed(inner, payload)).endpoint);
      await assertDelivered(torrent, payload);
      assert.equal(bad.requests(), count);
      assert.equal(torrent.stats().bytes.webSeeds, 0);
    });
  }
});

test("a web seed that ignores ranges and sends a whole large file is not read, and not asked again", async (t) => {
  const payload = await publish(t, {
    files: noise(WEB_SEED_RANGE_BYTES + LENGTH_BYTES, "large"),
    pieceLengthBytes: 262_144,
  });
  const cutOff = Promise.withResolvers<void>();
  const bad = await serve(t, payload, ({ response }) => {
    response.on("close", cutOff.resolve).writeHead(200);
    pour(response);
  });
  const good = await serve(t, payload, honestly);
  const { torrent } = await download(t, payload.metainfo, [], { webSeeds: [bad.url, good.url] });
  await assertDelivered(torrent, payload);
  assert.equal(bad.requests(), 1);
  await cutOff.promise;
});

test("a web seed that goes on after the range, without end, is cut off there, and what was right counts", async (t) => {
  const payload = await publish(t, { files: noise(LENGTH_BYTES, "endless") });
  const cutOff = Promise.withResolvers<void>();
  const endless = await serve(t, payload, (asked) => {
    asked.response.on("close", cutOff.resolve).writeHead(206, head(asked));
    asked.response.write(asked.bytes.subarray(asked.start, asked.end + 1));
    pour(asked.response);
  });
  const { torrent } = await download(t, payload.metainfo, [], { webSeeds: [endless.url] });
  await assertDelivered(torrent, payload);
  assert.equal(torrent.stats().bytes.webSeeds, LENGTH_BYTES);
  await cutOff.promise;
});

test("a web seed that redirects to this machine from elsewhere leads nowhere", onNetwork, async (t) => {
  const payload = await publish(t, { files: noise(LENGTH_BYTES, "inwards") });
  let secretRequests = 0;
  const secret = await serveHttp(t, (_request, response) => {
    secretRequests++;
    response.end("secret");
  });
  const inwards = ({ response }: Asked): unknown => response.writeHead(302, { location: `${secret.url}/` }).end();
  const bad = await serve(t, payload, inwards, ownAddress);
  const good = await serve(t, payload, honestly);
  const { torrent } = await download(t, payload.metainfo, [], { webSeeds: [bad.url, good.url] });
  await assertDelivered(torrent, payload);
  assert.equal(bad.requests(), 1);
  assert.equal(secretRequests, 0);
});

test("a web seed that sends next to nothing gives way to another one", async (t) => {
  for (const [what, everyMs] of [
    ["sends a head and then nothing", null],
    ["sends a byte now and then", 20],
  ] as const) {
    await t.test(`who ${what}`, async (inner) => {
      const payload = await publish(inner, { files: noise(LENGTH_BYTES, what) });
      const slow = await serve(inner, payload, (asked) => {
        asked.response.writeHead(206, head(asked)).flushHeaders();
        let at = asked.start;
        const timer =
          everyMs === null
            ? undefined
            : setInterval(() => asked.response.write(asked.bytes.subarray(at, ++at)), everyMs);
        asked.response.on("close", () => clearInterval(timer));
      });
      const good = await serve(inner, payload, (asked) => {
        if (slow.requests() > 0) honestly(asked);
        // The slow one is to be the first: who is busy comes again.
        else asked.response.writeHead(503, { "retry-after": "1" }).end();
      });
      const clock = new AheadClock();
      const session = await openSession(inner, { clock });
      const { torrent } = await download(inner, payload.metainfo, [], { webSeeds: [slow.url, good.url] }, session);
      await until(() => slow.requests() === 1, "it was asked");
      await clock.put(WEB_SEED_SLOW_AFTER_MS);
      await clock.put(WEB_SEED_SLOW_AFTER_MS);
      await assertDelivered(torrent, payload);
      assert.ok(torrent.stats().bytes.webSeeds === LENGTH_BYTES);
    });
  }
});

test("a web seed that ends in the middle is asked again for the rest, after a while", async (t) => {
  const payload = await publish(t, { files: noise(LENGTH_BYTES, "short") });
  const clock = new AheadClock();
  const session = await openSession(t, { clock });
  const short = await serve(t, payload, (asked) => {
    asked.response.writeHead(206, head(asked));
    asked.response.end(asked.bytes.subarray(asked.start, Math.min(asked.end, asked.start + 150_000) + 1));
  });
  const { torrent } = await download(t, payload.metainfo, [], { webSeeds: [short.url] }, session);
  while (torrent.stats().haveBytes < LENGTH_BYTES) {
    await clock.put(HOUR_MS);
    assert.ok(short.requests() < 50, "it comes to an end");
  }
  await assertDelivered(torrent, payload);
  assert.ok(short.requests() > 1);
});
