import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { layOutPayload } from "../../metainfo/index.ts";
import { fakeOrigin, legalDemand, sampleRelease, type FakeOrigin } from "./fake-origin.test.ts";
import { openPadFile } from "./pad-files.ts";

const PIECE = 32_768;
const files = {
  a: Buffer.alloc(PIECE - 300, 1),
  "b/c": Buffer.alloc(5, 2),
  d: Buffer.alloc(PIECE, 3),
  e: Buffer.alloc(9, 4),
};
/** What fills up the pieces of a and b/c; d fills its own. */
const PADS = [300, PIECE - 5];

const ref = { product: "tool", version: "1.0" };
const etag = `"${sampleRelease().infoHashV2}"`;
const padAt = (length: number | string): string => `/files/tool/1.0/tool/.pad/${length}`;

async function withFolder(more: Readonly<Record<string, Buffer>> = {}): Promise<FakeOrigin> {
  const origin = await fakeOrigin();
  await origin.add({ name: "tool", pieceLengthBytes: PIECE }, { ...files, ...more });
  return origin;
}

test("the web seed has the pad files of the release, as zeros, with ranges, HEAD and tags like any file", async () => {
  await using origin = await withFolder();
  const { url } = await origin.listen();
  for (const length of PADS) {
    const whole = await fetch(url + padAt(length));
    assert.deepEqual([whole.status, whole.headers.get("content-length")], [200, String(length)]);
    assert.deepEqual([whole.headers.get("etag"), whole.headers.get("accept-ranges")], [etag, "bytes"]);
    assert.ok(Buffer.from(await whole.arrayBuffer()).equals(Buffer.alloc(length)));
    const part = await fetch(url + padAt(length), { headers: { range: "bytes=7-106" } });
    assert.deepEqual([part.status, part.headers.get("content-range")], [206, `bytes 7-106/${length}`]);
    assert.ok(Buffer.from(await part.arrayBuffer()).equals(Buffer.alloc(100)));
  }
  const head = await fetch(url + padAt(300), { method: "HEAD" });
  assert.deepEqual([head.status, head.headers.get("content-length")], [200, "300"]);
  assert.equal((await fetch(url + padAt(300), { headers: { "if-none-match": etag } })).status, 304);
  assert.equal((await fetch(url + padAt(300), { headers: { range: "bytes=300-" } })).status, 416);
  assert.equal(origin.payloads.openCount, 0);
});

test("padding is nobody's traffic, and is counted apart", async () => {
  await using origin = await withFolder();
  const { url } = await origin.listen();
  await (await fetch(url + padAt(300))).arrayBuffer();
  await (await fetch(`${url}/files/tool/1.0/tool/b/c`)).arrayBuffer();
  assert.deepEqual(origin.sent, { webSeedBytes: 5, directBytes: 0, directDownloads: 0 });
  const { body } = await origin.app.inject({ url: "/metrics", headers: await origin.token("read") });
  assert.match(body, /^upswarm_http_padding_sent_bytes_total 300$/m);
  assert.match(body, /^upswarm_http_payload_sent_bytes_total\{door="web-seed"\} 5$/m);
});

test("a folder has any pad file that is shorter than its pieces, and its metainfo is not read for it", async () => {
  await using origin = await withFolder();
  origin.catalogue.metainfo = () => Promise.reject(new Error("read on the way to a pad file"));
  const head = async (length: number): Promise<unknown[]> => {
    const { statusCode, headers } = await origin.app.inject({ method: "HEAD", url: padAt(length) });
    return [statusCode, Number(headers["content-length"])];
  };
  for (const length of [1, 9, 300, PIECE - 1]) assert.deepEqual(await head(length), [200, length]);
  for (const length of [0, PIECE, PIECE + 1]) assert.equal((await head(length))[0], 404, `${length}`);
});

test("every pad file that a laid out folder lists is there, by its path and with its length", () => {
  const sizes = fc.array(fc.nat({ max: 5 * PIECE }), { minLength: 2, maxLength: 20 });
  const exponents = fc.integer({ min: 14, max: 26 });
  fc.assert(
    fc.property(sizes, exponents, (lengths, exponent) => {
      fc.pre(lengths.some((length) => length > 0));
      const entries = lengths.map((lengthBytes, index) => {
        return { kind: "regular", path: [`${index}`], lengthBytes, executable: false, symlinkTarget: null } as const;
      });
      const pieceLengthBytes = 2 ** exponent;
      const { layout } = layOutPayload({ name: "tool", version: "hybrid", isFolder: true, pieceLengthBytes, entries });
      const release = sampleRelease({ kind: "folder", pieceLengthBytes });
      for (const { kind, path, lengthBytes } of layout.files) {
        if (kind !== "pad") continue;
        assert.equal(openPadFile(release, ["tool", ...path])?.lengthBytes, lengthBytes);
      }
    }),
  );
});

test("what can be no pad file is not there, nor is any for direct downloads or of a single file", async () => {
  await using origin = await withFolder();
  const status = async (path: string): Promise<number> => (await origin.app.inject({ url: path })).statusCode;
  for (const name of [
    `${PIECE}`,
    `${PIECE + 300}`,
    "0",
    "00",
    "",
    "-300",
    "0300",
    "300.0",
    "3e2",
    "0x1",
    "%20300",
    "300/",
    "300/x",
    "a",
    "4294967596",
    "9".repeat(30),
  ]) {
    assert.equal(await status(padAt(name)), 404, name);
  }
  const elsewhere = ["/files/tool/1.0/other/.pad/300", "/files/tool/1.0/tool/b/.pad/300", "/files/tool/1.0/.pad/300"];
  for (const path of [...elsewhere, "/download/tool/1.0/tool/.pad/300", "/files/tool/2.0/tool/.pad/300"]) {
    assert.equal(await status(path), 404, path);
  }
  await origin.add({ product: "single" }, Buffer.alloc(5));
  assert.equal(await status("/files/single/1.0/tool.bin/.pad/300"), 404);
});

test("a file of the publisher's that is called like a pad file is sent as it is", async () => {
  await using origin = await withFolder({ ".pad/300": Buffer.from("a real file") });
  assert.equal((await origin.app.inject({ url: padAt(300) })).body, "a real file");
});

test("the pad files of a withdrawn release are refused like its files", async () => {
  await using origin = await withFolder();
  assert.equal((await origin.app.inject({ url: padAt(300) })).statusCode, 200);
  await origin.parts.lifecycle.withdraw(ref, legalDemand);
  assert.equal((await origin.app.inject({ url: padAt(300) })).statusCode, 451);
  await origin.parts.lifecycle.restore(ref);
  assert.equal((await origin.app.inject({ url: padAt(300) })).statusCode, 200);
});
