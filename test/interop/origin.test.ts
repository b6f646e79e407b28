// A release of a real origin, by whichever door: our own get, libtorrent by the torrent and by the magnet link of the page,
// aria2 by the torrent for older clients, curl by plain HTTP. All of them end with the same bytes.

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { promisify } from "node:util";
import { Aria2 } from "../processes/clients/aria2.ts";
import { missing } from "../processes/clients/installed.ts";
import { Libtorrent } from "../processes/clients/libtorrent.ts";
import { freePort } from "../processes/free-port.ts";
import { scratchFolder, sha256 } from "../processes/payloads.ts";
import { get } from "../processes/upswarm.ts";
import type { GetResult } from "../processes/upswarm.ts";
import { makeOrigin, publish, serve } from "../origin/whole-origin.ts";

const root = scratchFolder();

async function fetched(url: string, path: string): Promise<string> {
  const answer = await fetch(url);
  assert.equal(answer.status, 200, url);
  writeFileSync(path, Buffer.from(await answer.arrayBuffer()));
  return path;
}

test("every door of a release leads to the same bytes", { skip: missing("libtorrent", "aria2") }, async () => {
  const place = await makeOrigin();
  await using _origin = await serve(place);
  const { release, bytes } = await publish(place, "1.0", 2_500_003);
  const wanted = createHash("sha256").update(bytes).digest("hex");
  const { name } = release;
  const page = `${place.url}/update/1.0`;
  const html = await (await fetch(page)).text();
  const magnet = /href="(magnet:[^"]+)"/.exec(html)?.[1]?.replaceAll("&amp;", "&") ?? "";
  const folder = (client: string): string => join(root, client);

  await using ours = get(page, folder("ours"));
  const { path } = await ours.result<GetResult>();
  assert.equal(sha256(path), wanted);

  const torrent = await fetched(`${page}/${name}.torrent`, join(root, "update.torrent"));
  for (const [client, source] of [
    ["by-torrent", { torrent }],
    ["by-magnet", { magnet }],
  ] as const) {
    await using theirs = new Libtorrent({ ...source, folder: folder(client) });
    await theirs.complete();
    await theirs.settle();
    assert.equal(sha256(join(folder(client), name)), wanted, client);
  }

  const twin = await fetched(`${page}/${name}.v1.torrent`, join(root, "update.v1.torrent"));
  await using aria2 = new Aria2({ torrent: twin, folder: folder("aria2"), port: await freePort() });
  await aria2.complete();
  assert.equal(sha256(join(folder("aria2"), name)), wanted);

  const direct = folder("direct.bin");
  // Not synchronously: the origin runs in this process.
  await promisify(execFile)("curl", ["--silent", "--fail", "-o", direct, `${place.url}/download/update/1.0/${name}`]);
  assert.equal(sha256(direct), wanted);
});
