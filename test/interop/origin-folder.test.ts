// A folder that an origin releases, by the torrent for older clients and from the web seed alone: no tracker, no peer. Its
// pad files (BEP 47) lie on no disk; aria2 asks for them like for any file, libtorrent knows them for what they are.

import assert from "node:assert/strict";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { buildMetainfo, parseMetainfo } from "../../src/metainfo/index.ts";
import { makeOrigin, PASSPHRASE, serve } from "../origin/whole-origin.ts";
import { Aria2 } from "../processes/clients/aria2.ts";
import { missing } from "../processes/clients/installed.ts";
import { Libtorrent } from "../processes/clients/libtorrent.ts";
import type { StockClient } from "../processes/clients/stock-client.ts";
import { freePort } from "../processes/free-port.ts";
import { contentsOf, scratchFolder, treeOf, writeFolder } from "../processes/payloads.ts";
import { Upswarm } from "../processes/upswarm.ts";

const root = scratchFolder();

const clients: Readonly<Record<string, (torrent: string, folder: string) => Promise<StockClient>>> = {
  aria2: async (torrent, folder) => new Aria2({ torrent, folder, port: await freePort() }),
  libtorrent: (torrent, folder) => Promise.resolve(new Libtorrent({ torrent, folder })),
};

for (const [name, open] of Object.entries(clients)) {
  const skip = missing(name === "aria2" ? "aria2" : "libtorrent");
  test(`${name} takes a released folder by its torrent for older clients from /files alone`, { skip }, async () => {
    const here = join(root, name);
    mkdirSync(here);
    const place = await makeOrigin();
    await using origin = await serve(place);
    const folder = writeFolder(join(here, "published", "release"));
    const passphrase = join(here, "passphrase");
    writeFileSync(passphrase, PASSPHRASE);
    const what = ["--product", "update", "--version", "1.0", "--data", place.path, "--passphrase-file", passphrase];
    await using publishing = new Upswarm(["publish", folder, ...what]);
    await publishing.result();

    const answer = await fetch(`${place.url}/update/1.0/release.v1.torrent`);
    const twin = parseMetainfo(Buffer.from(await answer.arrayBuffer()));
    const pads = twin.layout.files.filter(({ kind }) => kind === "pad");
    assert.ok(pads.length > 10, `${pads.length} pad files`);
    for (const { path, lengthBytes } of pads) {
      const pad = await fetch(`${place.url}/files/update/1.0/release/${path.join("/")}`, { method: "HEAD" });
      assert.deepEqual([pad.status, pad.headers.get("content-length")], [200, String(lengthBytes)]);
    }
    assert.deepEqual(twin.webSeeds, [`${place.url}/files/update/1.0/`]);
    const torrent = join(here, "alone.torrent");
    writeFileSync(torrent, buildMetainfo(twin.infoBytes, { webSeeds: twin.webSeeds }));

    await using client = await open(torrent, join(here, "taken"));
    await client.complete();
    const names = Object.entries(treeOf(folder)).flatMap(([path, what]) => (what.startsWith("link") ? [] : [path]));
    assert.deepEqual(contentsOf(join(here, "taken", "release"), names), contentsOf(folder, names));
    const { traffic } = await origin.parts.swarms.live({ product: "update", version: "1.0" });
    assert.deepEqual([traffic.seedBytes, traffic.directBytes], [0, 0]);
    assert.ok(traffic.webSeedBytes >= twin.layout.lengthBytes, `${traffic.webSeedBytes} bytes by the web seed`);
  });
}
