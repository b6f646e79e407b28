import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import { assertDelivered, download, FOLDER, noise, publish, seed, SINGLE, until } from "./engine-fixture.test.ts";
import { serveHttp } from "./http-server.test.ts";

/** A web seed of the payload's files; `spoil` may change what it sends. */
async function serveFiles(
  t: TestContext,
  root: string,
  spoil: (bytes: Buffer) => Buffer = (bytes) => bytes,
): Promise<{ url: string; asked: string[] }> {
  const asked: string[] = [];
  const { url } = await serveHttp(t, (request, response) => {
    const path = decodeURIComponent(request.url ?? "");
    const match = /^bytes=(\d+)-(\d+)$/.exec(request.headers.range ?? "");
    asked.push(`${path} ${request.headers.range}`);
    readFile(join(root, path)).then(
      (bytes) => {
        const [start, end] = [Number(match?.[1]), Number(match?.[2])];
        response.writeHead(206, { "content-range": `bytes ${start}-${end}/${bytes.length}` });
        response.end(spoil(bytes.subarray(start, end + 1)));
      },
      () => response.writeHead(404).end(),
    );
  });
  return { url, asked };
}

test("web seeds alone deliver a folder, pieces that span files included: version 1", async (t) => {
  const payload = await publish(t, { version: "1", files: FOLDER, name: "sätt", pieceLengthBytes: 65_536 });
  const server = await serveFiles(t, join(payload.path, ".."));
  const { torrent } = await download(t, payload.metainfo, [], { webSeeds: [`${server.url}/`] });
  await assertDelivered(torrent, payload);
  assert.equal(torrent.stats().bytes.webSeeds, payload.metainfo.layout.lengthBytes);
  assert.ok((torrent.stats().seconds ?? 0) > 0);
});

test("a web seed of wrong bytes is asked no more; the other one delivers", async (t) => {
  const payload = await publish(t, { files: SINGLE });
  const wrong = await serveFiles(t, join(payload.path, ".."), (bytes) => Buffer.alloc(bytes.length, 7));
  const { torrent } = await download(t, payload.metainfo, [], { webSeeds: [`${wrong.url}/update`] });
  await until(() => torrent.stats().bytes.hashFailed > 0, "wrong bytes came");
  const honest = await seed(t, payload);
  const asked = wrong.asked.length;
  torrent.addPeer(honest.endpoint);
  await assertDelivered(torrent, payload);
  assert.equal(wrong.asked.length, asked, "it was not asked again");
  assert.equal(torrent.stats().bytes.webSeeds, 0);
});

test("a web seed that has nothing does not keep others from delivering", async (t) => {
  const payload = await publish(t);
  const empty = await serveHttp(t, (_request, response) => response.writeHead(404).end());
  const full = await serveFiles(t, join(payload.path, ".."));
  const webSeeds = [`${empty.url}/update`, `${full.url}/update`];
  const { torrent } = await download(t, payload.metainfo, [], { webSeeds });
  await assertDelivered(torrent, payload);
});

test("web seeds are spared while peers deliver", async (t) => {
  const payload = await publish(t, { files: noise(1 << 20, "large") });
  const from = await seed(t, payload);
  const server = await serveFiles(t, join(payload.path, ".."));
  const { torrent } = await download(t, payload.metainfo, [from.endpoint], { webSeeds: [`${server.url}/update`] });
  await assertDelivered(torrent, payload);
  assert.deepEqual(server.asked, []);
});

test("a web seed is throttled by the download's rate and stops with it", async (t) => {
  const payload = await publish(t, { files: noise(1 << 20, "large") });
  const server = await serveFiles(t, join(payload.path, ".."));
  const webSeeds = [`${server.url}/update`];
  const { torrent } = await download(t, payload.metainfo, [], { webSeeds, maxDownloadRate: 100_000 });
  await until(() => torrent.stats().haveBytes > 0, "the first piece came");
  assert.ok(torrent.stats().haveBytes < 600_000, "it did not all come at once");
  await torrent[Symbol.asyncDispose]();
});
