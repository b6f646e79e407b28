import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { once } from "node:events";
import { truncate } from "node:fs/promises";
import { get } from "node:http";
import type { ClientRequest, IncomingMessage } from "node:http";
import { join } from "node:path";
import { test } from "node:test";
import { ORIGIN_SEND_BUFFER_BYTES } from "../../core/index.ts";
import { fakeOrigin, legalDemand, randomPayload } from "./fake-origin.test.ts";
import type { FakeOrigin } from "./fake-origin.test.ts";
import { Transfers } from "./transfers.ts";

const DIRECT = "/download/tool/1.0/tool.bin";
const WEB_SEED = "/files/tool/1.0/tool.bin";
const ref = { product: "tool", version: "1.0" };

/** Resolves when the condition holds; it is looked at after each turn of the event loop. */
async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setImmediate(resolve));
}

/** A download whose body nobody reads. */
async function begun(url: string): Promise<IncomingMessage> {
  return await responseTo(get(url, { agent: false }));
}

async function responseTo(request: ClientRequest): Promise<IncomingMessage> {
  request.on("error", () => {});
  const [response] = (await once(request, "response")) as [IncomingMessage];
  response.on("error", () => {});
  return response;
}

/** Reads to the end, wherever that is. */
async function ended(response: IncomingMessage): Promise<void> {
  response.resume();
  await new Promise((resolve) => response.once("close", resolve));
}

async function withBig(origin: FakeOrigin): Promise<string> {
  await origin.add({}, Buffer.alloc(64 * ORIGIN_SEND_BUFFER_BYTES, 7));
  return (await origin.listen()).url;
}

test("a direct download has the bytes, their length, name, tag and digest, and counts once", async () => {
  await using origin = await fakeOrigin();
  const bytes = randomPayload(3 * ORIGIN_SEND_BUFFER_BYTES + 17);
  await origin.add({}, bytes);
  const { url } = await origin.listen();
  const response = await fetch(url + DIRECT);
  assert.equal(response.status, 200);
  assert.ok(Buffer.from(await response.arrayBuffer()).equals(bytes));
  const { headers } = response;
  const sha256 = createHash("sha256").update(bytes);
  assert.equal(headers.get("content-length"), String(bytes.length));
  assert.equal(headers.get("etag"), `"${sha256.copy().digest("hex")}"`);
  assert.equal(headers.get("repr-digest"), `sha-256=:${sha256.digest("base64")}:`);
  assert.equal(headers.get("content-disposition"), 'attachment; filename="tool.bin"');
  assert.equal(headers.get("content-type"), "application/octet-stream");
  assert.equal(headers.get("accept-ranges"), "bytes");
  assert.equal(headers.get("last-modified"), "Thu, 01 Jan 2026 00:00:01 GMT");
  assert.match(headers.get("cache-control") ?? "", /immutable.*s-maxage=0/);
  assert.equal(headers.get("x-content-type-options"), "nosniff");
  await until(() => origin.sent.directDownloads > 0);
  assert.deepEqual(origin.sent, { webSeedBytes: 0, directBytes: bytes.length, directDownloads: 1 });
  assert.equal(origin.payloads.openCount, 0);
});

test("a range has its part, and is counted under the door that was taken", async () => {
  await using origin = await fakeOrigin();
  const bytes = randomPayload(1000);
  await origin.add({}, bytes);
  const { url } = await origin.listen();
  const response = await fetch(url + WEB_SEED, { headers: { range: "bytes=100-199" } });
  assert.equal(response.status, 206);
  assert.equal(response.headers.get("content-range"), "bytes 100-199/1000");
  assert.ok(Buffer.from(await response.arrayBuffer()).equals(bytes.subarray(100, 200)));
  const resumed = await fetch(url + DIRECT, { headers: { range: "bytes=900-" } });
  assert.ok(Buffer.from(await resumed.arrayBuffer()).equals(bytes.subarray(900)));
  await until(() => origin.sent.directDownloads > 0);
  assert.deepEqual(origin.sent, { webSeedBytes: 100, directBytes: 100, directDownloads: 1 });
});

test("conditions, bad ranges and HEAD get heads without a body", async () => {
  await using origin = await fakeOrigin();
  const { sha256 } = await origin.add({}, randomPayload(1000));
  const ask = async (headers: Record<string, string>, method: "GET" | "HEAD" = "GET") =>
    await origin.app.inject({ method, url: DIRECT, headers });
  const head = await ask({ range: "bytes=0-1" }, "HEAD");
  assert.equal(head.statusCode, 200);
  assert.equal(head.headers["content-length"], "1000");
  assert.equal(head.body, "");
  assert.equal((await ask({ "if-none-match": `"${sha256}"` })).statusCode, 304);
  const beyond = await ask({ range: "bytes=1000-" });
  assert.equal(beyond.statusCode, 416);
  assert.equal(beyond.headers["content-range"], "bytes */1000");
  assert.equal((await ask({ range: "bytes=0-1", "if-range": '"other"' })).statusCode, 200);
  assert.equal((await ask({ range: "bytes=0-1", "if-range": `"${sha256}"` })).statusCode, 206);
  assert.equal((await ask({ range: "bytes=0-1,5-6" })).statusCode, 200);
  assert.equal((await ask({ "if-match": '"other"' })).statusCode, 412);
});

test("a folder's files are served by their paths, and an empty file is one", async () => {
  await using origin = await fakeOrigin();
  await origin.add({ name: "suite" }, { "a dir/ünï.txt": Buffer.from("text"), empty: Buffer.alloc(0) });
  const { url } = await origin.listen();
  const file = await fetch(`${url}/files/tool/1.0/suite/a%20dir/%C3%BCn%C3%AF.txt`);
  assert.equal(await file.text(), "text");
  assert.equal(file.headers.get("repr-digest"), null);
  assert.equal(file.headers.get("etag"), `"${"22".repeat(32)}"`);
  assert.match(
    file.headers.get("content-disposition") ?? "",
    /filename="uni.txt"; filename\*=UTF-8''%C3%BCn%C3%AF.txt/,
  );
  const empty = await fetch(`${url}/download/tool/1.0/suite/empty`);
  assert.equal(empty.headers.get("content-length"), "0");
  assert.equal(await empty.text(), "");
});

test("no path leads out of the release's folder", async () => {
  await using origin = await fakeOrigin();
  await origin.add({ name: "suite" }, { "a.txt": Buffer.from("text") });
  await origin.add({ version: "2.0", name: "other" }, { "a.txt": Buffer.from("text") });
  const { port } = await origin.listen();
  for (const path of [
    "suite",
    "suite/",
    "suite//a.txt",
    "suite/%2e%2e/suite/a.txt",
    "suite/..%2Fsuite%2Fa.txt",
    "suite/a.txt%00",
    "other/a.txt",
    "%2e%2e/2.0/other/a.txt",
  ]) {
    // As it is: what looks like "..", a URL would take out.
    const response = await responseTo(get({ port, path: `/files/tool/1.0/${path}`, agent: false }));
    assert.equal(response.statusCode, 404, path);
    await ended(response);
  }
  assert.equal((await origin.app.inject("/files/tool/3.0/suite/a.txt")).statusCode, 404);
  assert.equal(origin.payloads.openCount, 0);
});

test("a withdrawn release answers 451 with who blocks, who demanded it and where to go, and comes back unharmed", async () => {
  await using origin = await fakeOrigin();
  const bytes = randomPayload(1000);
  const { sha256 } = await origin.add({}, bytes);
  await origin.parts.lifecycle.withdraw(ref, legalDemand);
  for (const url of [DIRECT, WEB_SEED, "/tool/1.0/tool.bin.torrent", "/tool/1.0/tool.bin.v1.torrent"]) {
    const answer = await origin.app.inject({ url, headers: { "if-none-match": `"${sha256}"`, range: "bytes=0-" } });
    assert.equal(answer.statusCode, 451, url);
    assert.equal(answer.headers.link, '<https://updates.example/>; rel="blocked-by"');
    assert.equal(answer.headers["cache-control"], "no-store");
    assert.equal(answer.headers.etag, undefined);
    assert.match(String(answer.headers["content-type"]), /^text\/plain/);
    for (const said of [
      "2026-02-03",
      "Rights Ltd",
      "https://vendor.example/tool",
      "https://updates.example/tool/1.0",
    ]) {
      assert.ok(answer.body.includes(said), answer.body);
    }
  }
  await origin.parts.lifecycle.restore(ref);
  const again = await origin.app.inject(DIRECT);
  assert.equal(again.statusCode, 200);
  assert.ok(again.rawPayload.equals(bytes));
  assert.equal((await origin.app.inject({ url: DIRECT, headers: { "if-none-match": `"${sha256}"` } })).statusCode, 304);
  assert.equal((await origin.app.inject("/tool/1.0/tool.bin.torrent")).statusCode, 200);
});

test("a recalled release answers 410 and names its successor", async () => {
  await using origin = await fakeOrigin();
  await origin.add({}, randomPayload(10));
  const recall = { ...legalDemand, kind: "recall", demandedBy: null, replacedBy: "1.1" } as const;
  await origin.parts.lifecycle.withdraw(ref, recall);
  const answer = await origin.app.inject(DIRECT);
  assert.equal(answer.statusCode, 410);
  assert.equal(answer.headers.link, undefined);
  assert.match(answer.body, /recalled[^]*1\.1 replaces it/);
});

test("a withdrawal cuts the downloads of that release that are under way, and no others", async () => {
  await using origin = await fakeOrigin();
  const url = await withBig(origin);
  await origin.add({ version: "2.0" }, Buffer.alloc(64 * ORIGIN_SEND_BUFFER_BYTES, 8));
  const [mine, other] = [await begun(url + DIRECT), await begun(`${url}/download/tool/2.0/tool.bin`)];
  await origin.parts.lifecycle.withdraw(ref, legalDemand);
  await ended(mine);
  assert.ok(!mine.complete);
  await until(() => origin.transfers.count === 1);
  await ended(other);
  assert.ok(other.complete);
  await until(() => origin.payloads.openCount === 0);
});

test("a client that goes away in the middle leaves no file open, no buffer taken and no download counted", async () => {
  await using origin = await fakeOrigin({ limits: { sendBuffersMax: 1 } });
  const url = await withBig(origin);
  for (let round = 0; round < 3; round++) {
    const response = await begun(url + DIRECT);
    response.destroy();
    await until(() => origin.transfers.count === 0 && origin.payloads.openCount === 0);
  }
  assert.equal(origin.sent.directDownloads, 0);
  assert.equal((await (await fetch(url + DIRECT)).arrayBuffer()).byteLength, 64 * ORIGIN_SEND_BUFFER_BYTES);
});

test("a file that is shorter than it was ends the connection and not the answer", async () => {
  await using origin = await fakeOrigin();
  const url = await withBig(origin);
  const response = await begun(url + DIRECT);
  await truncate(join(origin.payloads.folder, "tool", "1.0", "tool.bin"), ORIGIN_SEND_BUFFER_BYTES * 32);
  await ended(response);
  assert.ok(!response.complete);
  await until(() => origin.payloads.openCount === 0);
});

test("above the number of downloads that may be under way another is told when to come again", async () => {
  await using origin = await fakeOrigin({ transfers: new Transfers(2) });
  const url = await withBig(origin);
  const [first, second] = [await begun(url + DIRECT), await begun(url + DIRECT)];
  const refused = await fetch(url + DIRECT);
  assert.equal(refused.status, 503);
  assert.equal(refused.headers.get("retry-after"), "10");
  first.destroy();
  await until(() => origin.transfers.count === 1);
  const next = await begun(url + DIRECT);
  assert.equal(next.statusCode, 200);
  for (const response of [second, next]) response.destroy();
});
