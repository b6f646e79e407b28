import assert from "node:assert/strict";
import { test } from "node:test";
import { ORIGIN_PAD_LISTS_KEPT_MAX } from "../../core/index.ts";
import { buildInfo, buildMetainfo, layOutPayload } from "../../metainfo/index.ts";
import type { ReleaseRef } from "../domain.ts";
import { fakeOrigin, legalDemand, sampleRelease, type FakeOrigin } from "./fake-origin.test.ts";
import { PadFiles } from "./pad-files.ts";

const PIECE = 32_768;
const files = {
  a: Buffer.alloc(PIECE - 300, 1),
  "b/c": Buffer.alloc(5, 2),
  d: Buffer.alloc(PIECE, 3),
  e: Buffer.alloc(9, 4),
};
/** What fills up the pieces of a and b/c; d fills its own, and after e nothing comes. */
const PADS = [300, PIECE - 5];

const metainfo: Buffer = (() => {
  const entries = Object.entries(files).map(([path, { length: lengthBytes }]) => {
    return { kind: "regular", path: path.split("/"), lengthBytes, executable: false, symlinkTarget: null } as const;
  });
  const payload = layOutPayload({ name: "tool", version: "hybrid", isFolder: true, pieceLengthBytes: PIECE, entries });
  const roots = payload.layout.files.map(({ kind, index }) => (kind === "pad" ? null : Buffer.alloc(32, index + 1)));
  const hashes = { pieces: Buffer.alloc(20 * payload.layout.pieceCount, 1), piecesRoots: roots };
  return buildMetainfo(buildInfo(payload, hashes), { pieceLayers: new Map() });
})();

const ref = { product: "tool", version: "1.0" };
const etag = `"${sampleRelease().infoHashV2}"`;
const padAt = (length: number | string): string => `/files/tool/1.0/tool/.pad/${length}`;

async function withFolder(more: Readonly<Record<string, Buffer>> = {}): Promise<FakeOrigin> {
  const origin = await fakeOrigin();
  await origin.add({ name: "tool" }, { ...files, ...more });
  origin.catalogue.metainfos.set("tool/1.0", metainfo);
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

test("there are no pad files but those of the metainfo, none for direct downloads, and none of a single file", async () => {
  await using origin = await withFolder();
  const status = async (path: string): Promise<number> => (await origin.app.inject({ url: path })).statusCode;
  for (const name of [
    "299",
    "301",
    "9",
    "0",
    "",
    "-300",
    "0300",
    "300.0",
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

test("as many releases as the limit says are known without reading their metainfo again", async () => {
  const read: string[] = [];
  const pads = new PadFiles({
    metainfo: ({ version }: ReleaseRef) => {
      read.push(version);
      return Promise.resolve(metainfo);
    },
  });
  const ask = async (version: number): Promise<void> => {
    const release = { ...sampleRelease({ name: "tool", kind: "folder", version: String(version) }) };
    assert.equal((await pads.open(release, ["tool", ".pad", "300"]))?.lengthBytes, 300);
  };
  const versions = Array.from({ length: ORIGIN_PAD_LISTS_KEPT_MAX }, (_, index) => index);
  for (const version of [...versions, ...versions]) await ask(version);
  assert.equal(read.length, ORIGIN_PAD_LISTS_KEPT_MAX);
  // One above the limit: the one that was asked longest ago goes.
  await Promise.all([ask(1000), ask(1000)]);
  await ask(1);
  await ask(0);
  assert.deepEqual(read.slice(ORIGIN_PAD_LISTS_KEPT_MAX), ["1000", "0"]);
});

test("metainfo that could not be read is read again", async () => {
  let isDown = true;
  const pads = new PadFiles({
    metainfo: () => (isDown ? Promise.reject(new Error("the disk is busy")) : Promise.resolve(metainfo)),
  });
  const release = sampleRelease({ name: "tool", kind: "folder" });
  await assert.rejects(pads.open(release, ["tool", ".pad", "300"]), /busy/);
  isDown = false;
  assert.ok((await pads.open(release, ["tool", ".pad", "300"])) !== null);
});
