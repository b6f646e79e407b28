// aria2 and us, each once as the only seed and once as the only downloader: by v1 torrents, and by the v1 twin of a hybrid
// one (aria2 1.36 computes a wrong info-hash for hybrid torrents). Peers find each other by our tracker.

import assert from "node:assert/strict";
import { existsSync, lstatSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { freePort } from "../processes/free-port.ts";
import { contentsOf, noise, scratchFolder, sha256, treeOf, writeFolder } from "../processes/payloads.ts";
import { Aria2 } from "../processes/clients/aria2.ts";
import { missing } from "../processes/clients/installed.ts";
import { create, get, seed, tracker } from "../processes/upswarm.ts";
import type { GetResult } from "../processes/upswarm.ts";

const root = scratchFolder();
const skip = missing("aria2");
const lengthBytes = 3_000_003;
const published = join(root, "published");
mkdirSync(published);
const payload = join(published, "update.bin");
writeFileSync(payload, noise(lengthBytes));
const wanted = sha256(payload);

/** The torrent that aria2 gets, and the one that we have. */
async function publish(
  name: string,
  path: string,
  format: string,
  pieceLength: string,
  announce: string,
): Promise<{ readonly ours: string; readonly theirs: string }> {
  const ours = join(root, `${name}.torrent`);
  const twin = join(root, `${name}.twin.torrent`);
  const argv = ["--format", format, "--piece-length", pieceLength, "--tracker", announce];
  await create(path, ours, ...argv, ...(format === "hybrid" ? ["--twin", twin] : []));
  return { ours, theirs: format === "hybrid" ? twin : ours };
}

for (const [format, pieceLength, announce] of [
  ["v1", "16KiB", "http"],
  ["v1", "512KiB", "udp"],
  ["hybrid", "64KiB", "http"],
  ["hybrid", "64KiB", "udp"],
] as const) {
  const what = `${format === "hybrid" ? "the v1 twin of a hybrid torrent" : "v1"}, ${pieceLength}, ${announce} tracker`;
  const name = `${format}-${pieceLength}-${announce}`;

  test(`aria2 downloads from seed as the only one: ${what}`, { skip }, async () => {
    const { child, ...urls } = await tracker();
    await using _tracker = child;
    const { ours, theirs } = await publish(name, payload, format, pieceLength, urls[announce]);
    await using seeding = (await seed(ours, payload)).child;
    const folder = join(root, `aria2-${name}`);
    await using aria2 = new Aria2({ torrent: theirs, folder, port: await freePort(), udp: announce === "udp" });
    assert.equal(await aria2.end(), 0, aria2.lines.join("\n"));
    assert.equal(sha256(join(folder, "update.bin")), wanted);
    const totals = await seeding.stop<{ uploadedBytes: number }>();
    assert.ok(totals.uploadedBytes >= lengthBytes);
  });

  test(`get from aria2 as the only seed: ${what}`, { skip }, async () => {
    const { child, ...urls } = await tracker();
    await using _tracker = child;
    const { ours, theirs } = await publish(`from-${name}`, payload, format, pieceLength, urls[announce]);
    const port = await freePort();
    await using _aria2 = new Aria2({ torrent: theirs, folder: published, port, seed: true, udp: announce === "udp" });
    const folder = join(root, `get-${name}`);
    await using getting = get(ours, folder);
    const { bytes } = await getting.result<GetResult>();
    assert.deepEqual([bytes.sitePeers, bytes.hashFailed], [lengthBytes, 0]);
    assert.equal(sha256(join(folder, "update.bin")), wanted);
  });
}

test(
  "a folder both ways by the twin: aria2 knows neither modes nor links nor pads, and the bytes are right",
  {
    skip,
  },
  async () => {
    const { child, http } = await tracker();
    await using _tracker = child;
    const folder = writeFolder(join(root, "from-us", "release"));
    const tree = treeOf(folder);
    const { ours, theirs } = await publish("folder", folder, "hybrid", "32KiB", http);
    const there = join(root, "at-aria2");
    await using seeding = (await seed(ours, folder)).child;
    await using downloading = new Aria2({ torrent: theirs, folder: there, port: await freePort() });
    assert.equal(await downloading.end(), 0, downloading.lines.join("\n"));
    await seeding.stop();
    const files = Object.keys(tree).filter((name) => !(tree[name] ?? "").startsWith("link"));
    const received = join(there, "release");
    assert.deepEqual(contentsOf(received, files), contentsOf(folder, files));
    // To aria2 a symlink is an empty file like any other, and a pad file is a file in .pad.
    const link = lstatSync(join(received, "start"), { throwIfNoEntry: false });
    assert.deepEqual([link?.isFile(), link?.size], [true, 0]);
    assert.equal(existsSync(join(received, ".pad")), true);
    // What aria2 has, pads and all, is a seed for us.
    await using _aria2 = new Aria2({ torrent: theirs, folder: there, port: await freePort(), seed: true });
    const here = join(root, "folder-get");
    await using getting = get(ours, here);
    await getting.result();
    assert.deepEqual(treeOf(join(here, "release")), tree);
  },
);
