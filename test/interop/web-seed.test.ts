// Web seeds of our metainfo, for us and for stock clients: an HTTP server that knows nothing but ranges.

import assert from "node:assert/strict";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { freePort } from "../processes/free-port.ts";
import { contentsOf, noise, scratchFolder, sha256, treeOf, writeFolder } from "../processes/payloads.ts";
import { RangeServer } from "../processes/range-server.ts";
import { Aria2 } from "../processes/clients/aria2.ts";
import { missing } from "../processes/clients/installed.ts";
import { Libtorrent } from "../processes/clients/libtorrent.ts";
import { create, get } from "../processes/upswarm.ts";
import type { GetResult } from "../processes/upswarm.ts";

const root = scratchFolder();
const published = join(root, "published");
mkdirSync(published);
const payload = join(published, "update 7.bin");
const lengthBytes = 2_000_003;
writeFileSync(payload, noise(lengthBytes));
const wanted = sha256(payload);
const folder = writeFolder(join(published, "release"));
const tree = treeOf(folder);
const files = Object.keys(tree).filter((name) => !(tree[name] ?? "").startsWith("link"));

for (const format of ["v1", "v2", "hybrid"] as const) {
  test(`get takes a file from a web seed alone: ${format}`, async () => {
    await using server = await RangeServer.open(published);
    const file = join(root, `${format}.torrent`);
    await create(payload, file, "--format", format, "--web-seed", `${server.url}update%207.bin`);
    const here = join(root, `get-${format}`);
    await using getting = get(file, here);
    assert.equal((await getting.result<GetResult>()).bytes.webSeeds, lengthBytes);
    assert.equal(sha256(join(here, "update 7.bin")), wanted);
    assert.equal(server.sentBytes, lengthBytes);
  });

  test(`get takes a folder from a web seed alone: ${format}`, async () => {
    await using server = await RangeServer.open(published);
    const file = join(root, `folder-${format}.torrent`);
    await create(folder, file, "--format", format, "--piece-length", "32KiB", "--web-seed", server.url);
    const here = join(root, `folder-get-${format}`);
    await using getting = get(file, here);
    await getting.result();
    assert.deepEqual(treeOf(join(here, "release")), tree);
    assert.ok(server.paths.has("/release/bin/run"));
  });
}

test(
  "aria2 takes a file from the web seed of a v1 twin, and a folder where the server has its pad files too",
  {
    skip: missing("aria2"),
  },
  async () => {
    await using server = await RangeServer.open(published, { pads: true });
    const there = join(root, "at-aria2");
    for (const [path, url] of [
      [payload, `${server.url}update%207.bin`],
      [folder, server.url],
    ] as const) {
      const twin = join(root, "twin.torrent");
      await create(path, join(root, "hybrid.torrent"), "--twin", twin, "--web-seed", url);
      await using aria2 = new Aria2({ torrent: twin, folder: there, port: await freePort() });
      assert.equal(await aria2.end(), 0, aria2.lines.join("\n"));
    }
    assert.equal(sha256(join(there, "update 7.bin")), wanted);
    assert.deepEqual(contentsOf(join(there, "release"), files), contentsOf(folder, files));
  },
);

test("libtorrent takes a folder from the web seed of a hybrid torrent", { skip: missing("libtorrent") }, async () => {
  await using server = await RangeServer.open(published);
  const file = join(root, "lt.torrent");
  await create(folder, file, "--piece-length", "32KiB", "--web-seed", server.url);
  const there = join(root, "at-libtorrent");
  await using theirs = new Libtorrent({ torrent: file, folder: there });
  await theirs.event("finished");
  assert.deepEqual(treeOf(join(there, "release")), tree);
});
