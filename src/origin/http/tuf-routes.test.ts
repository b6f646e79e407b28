import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { test } from "node:test";
import { parseMetainfo } from "../../metainfo/index.ts";
import { fakeOrigin, sampleMetainfo } from "./fake-origin.test.ts";

test("/tuf gives signed files by name: numbered ones to keep, the timestamp to ask for again", async () => {
  await using origin = await fakeOrigin();
  origin.catalogue.signed.set("7.snapshot.json", Buffer.from('{"v":7}')).set("timestamp.json", Buffer.from("{}"));
  const numbered = await origin.app.inject("/tuf/7.snapshot.json");
  assert.equal(numbered.body, '{"v":7}');
  assert.match(String(numbered.headers["content-type"]), /^application\/json/);
  assert.match(String(numbered.headers["cache-control"]), /immutable/);
  const timestamp = await origin.app.inject("/tuf/timestamp.json");
  assert.match(String(timestamp.headers["cache-control"]), /no-cache/);
  const headers = { "if-none-match": String(timestamp.headers.etag) };
  assert.equal((await origin.app.inject({ url: "/tuf/timestamp.json", headers })).statusCode, 304);
  origin.catalogue.signed.set("timestamp.json", Buffer.from("{} "));
  assert.equal((await origin.app.inject({ url: "/tuf/timestamp.json", headers })).statusCode, 200);
  for (const name of ["8.snapshot.json", "timestamp", "..%2Ftimestamp.json"]) {
    assert.equal((await origin.app.inject(`/tuf/${name}`)).statusCode, 404, name);
  }
});

test("/tuf/targets gives a target by the hash that the metadata names, and nothing that has another", async () => {
  const target = Buffer.from("target");
  const targetFile = (path: string): Promise<Buffer | null> =>
    Promise.resolve(path === "tool/1.0/tool.bin.torrent" ? target : null);
  await using origin = await fakeOrigin({ targetFile });
  for (const algorithm of ["sha256", "sha512"]) {
    const hash = createHash(algorithm).update(target).digest("hex");
    const answer = await origin.app.inject(`/tuf/targets/tool/1.0/${hash}.tool.bin.torrent`);
    assert.equal(answer.body, "target");
    assert.equal(answer.headers["content-type"], "application/x-bittorrent");
    assert.match(String(answer.headers["cache-control"]), /immutable/);
    assert.equal((await origin.app.inject(`/tuf/targets/tool/1.1/${hash}.tool.bin.torrent`)).statusCode, 404);
  }
  for (const path of [`tool/1.0/${"0".repeat(64)}.tool.bin.torrent`, "tool/1.0/tool.bin.torrent", ""]) {
    assert.equal((await origin.app.inject(`/tuf/targets/${path}`)).statusCode, 404, path);
  }
});

test("a release has a .torrent and its twin for clients that read v1 only", async () => {
  await using origin = await fakeOrigin();
  await origin.add({}, Buffer.alloc(100));
  const hybrid = await origin.app.inject("/tool/1.0/tool.bin.torrent");
  assert.ok(hybrid.rawPayload.equals(sampleMetainfo));
  assert.equal(hybrid.headers["content-type"], "application/x-bittorrent");
  assert.equal(hybrid.headers["content-disposition"], 'attachment; filename="tool.bin.torrent"');
  const twin = await origin.app.inject("/tool/1.0/tool.bin.v1.torrent");
  assert.equal(parseMetainfo(twin.rawPayload).version, "1");
  assert.equal(twin.headers["content-disposition"], 'attachment; filename="tool.bin.v1.torrent"');
  assert.notEqual(twin.headers.etag, hybrid.headers.etag);
  const headers = { "if-none-match": String(twin.headers.etag) };
  assert.equal((await origin.app.inject({ url: "/tool/1.0/tool.bin.v1.torrent", headers })).statusCode, 304);
  for (const path of ["/tool/1.0/other.torrent", "/tool/1.1/tool.bin.torrent", "/tool/1.0/tool.bin"]) {
    assert.equal((await origin.app.inject(path)).statusCode, 404, path);
  }
});
