// libtorrent 2 and us, each once as the only seed and once as the only downloader: v1, v2 and hybrid, by .torrent and by
// magnet link, where the other one is the only source of the metadata (and, in v2, of the piece layers).

import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { noise, scratchFolder, sha256, treeOf, writeFolder } from "../processes/payloads.ts";
import { missing } from "../processes/clients/installed.ts";
import { Libtorrent } from "../processes/clients/libtorrent.ts";
import { create, get, seed } from "../processes/upswarm.ts";
import type { GetResult } from "../processes/upswarm.ts";

const root = scratchFolder();
const skip = missing("libtorrent");
const lengthBytes = 3_000_003;
const payload = join(root, "update.bin");
writeFileSync(payload, noise(lengthBytes));
const wanted = sha256(payload);

for (const format of ["v1", "v2", "hybrid"] as const) {
  for (const pieceLength of ["16KiB", "256KiB"]) {
    const what = `${format} in pieces of ${pieceLength}`;
    const name = `${format}-${pieceLength}`;
    const file = join(root, `${name}.torrent`);
    const made = create(payload, file, "--format", format, "--piece-length", pieceLength);
    // A failure is told by each test that awaits it.
    made.catch(() => {});

    test(`get from libtorrent as the only seed: ${what}`, { skip }, async () => {
      await made;
      await using theirs = new Libtorrent({ torrent: file, folder: root, seed: true });
      const folder = join(root, `get-${name}`);
      await using ours = get(file, folder, "--peer", await theirs.listen());
      checkResult(await ours.result<GetResult>());
      assert.equal(sha256(join(folder, "update.bin")), wanted);
    });

    test(`libtorrent downloads from seed as the only one: ${what}`, { skip }, async () => {
      await made;
      const { child, peer } = await seed(file, payload);
      await using ours = child;
      const folder = join(root, `lt-${name}`);
      await using theirs = new Libtorrent({ torrent: file, folder, peers: [peer] });
      await theirs.event("finished");
      assert.equal(sha256(join(folder, "update.bin")), wanted);
      const totals = await ours.stop<{ uploadedBytes: number }>();
      assert.ok(totals.uploadedBytes >= lengthBytes, `sent ${totals.uploadedBytes}`);
    });

    test(`get by magnet link, libtorrent is all it knows: ${what}`, { skip }, async () => {
      const { magnet } = await made;
      await using theirs = new Libtorrent({ torrent: file, folder: root, seed: true });
      const folder = join(root, `get-magnet-${name}`);
      await using ours = get(magnet, folder, "--peer", await theirs.listen());
      checkResult(await ours.result<GetResult>());
      assert.equal(sha256(join(folder, "update.bin")), wanted);
    });

    test(`libtorrent by magnet link, seed is all it knows: ${what}`, { skip }, async () => {
      const { magnet } = await made;
      const { child, peer } = await seed(file, payload);
      await using _ours = child;
      const folder = join(root, `lt-magnet-${name}`);
      await using theirs = new Libtorrent({ magnet, folder, peers: [peer] });
      await theirs.event("metadata_received");
      await theirs.event("finished");
      assert.equal(sha256(join(folder, "update.bin")), wanted);
    });
  }
}

for (const format of ["v1", "v2", "hybrid"] as const) {
  const folder = join(root, `folder-${format}`, "release");
  const file = join(root, `folder-${format}.torrent`);

  test(
    `a folder with empty files, an executable, a symlink and names outside ASCII, both ways: ${format}`,
    {
      skip,
    },
    async () => {
      const tree = treeOf(writeFolder(folder));
      await create(folder, file, "--format", format, "--piece-length", "32KiB");
      await using libtorrentSeed = new Libtorrent({ torrent: file, folder: join(folder, ".."), seed: true });
      const here = join(root, `folder-get-${format}`);
      await using ours = get(file, here, "--peer", await libtorrentSeed.listen());
      await ours.result();
      assert.deepEqual(treeOf(join(here, "release")), tree);

      const { child, peer } = await seed(file, folder);
      await using _ourSeed = child;
      const there = join(root, `folder-lt-${format}`);
      await using theirs = new Libtorrent({ torrent: file, folder: there, peers: [peer] });
      await theirs.event("finished");
      // It makes the symlink as we do, and sets the execute bit.
      assert.deepEqual(treeOf(join(there, "release")), tree);
    },
  );
}

function checkResult({ lengthBytes: length, bytes }: GetResult): void {
  assert.equal(length, lengthBytes);
  assert.equal(bytes.sitePeers, lengthBytes);
  assert.equal(bytes.hashFailed, 0);
}
