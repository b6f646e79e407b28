// What `create` makes of files is what libtorrent makes of them: the same info-hashes.

import assert from "node:assert/strict";
import { mkdirSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { test } from "node:test";
import { noise, scratchFolder, treeOf, writeFolder } from "../processes/payloads.ts";
import { missing } from "../processes/clients/installed.ts";
import { createByLibtorrent } from "../processes/clients/libtorrent.ts";
import { create } from "../processes/upswarm.ts";

const root = scratchFolder();
const skip = missing("libtorrent");

const single = join(root, "single.bin");
writeFileSync(single, noise(1_000_003));
const folder = writeFolder(join(root, "folder"));
const plain = writeFolder(join(root, "plain"), { symlink: false });
const small = join(root, "small");
mkdirSync(small);
writeFileSync(join(small, "a"), noise(16_384));
writeFileSync(join(small, "b"), noise(1, 2));

/** In the order that every client gives v2 and hybrid torrents, and that `create` gives v1 ones too: by element. */
function filesOf(path: string): string[] {
  const name = basename(path);
  const names = Object.keys(treeOf(path)).map((file) => (file === "." ? [name] : [name, ...file.split("/")]));
  return names.sort(byElement).map((elements) => elements.join("/"));
}

function byElement(a: readonly string[], b: readonly string[]): number {
  for (let depth = 0; depth < Math.min(a.length, b.length); depth++) {
    const order = Buffer.compare(Buffer.from(a[depth] ?? ""), Buffer.from(b[depth] ?? ""));
    if (order !== 0) return order;
  }
  return a.length - b.length;
}

const cases = [
  ["a single file", single],
  ["a folder with empty files, an executable and names outside ASCII", plain],
  ["a folder with a symlink besides", folder],
  ["a folder of two small files", small],
] as const;
for (const [what, path] of cases) {
  for (const [format, version] of [
    ["v1", "1"],
    ["v2", "2"],
    ["hybrid", "hybrid"],
  ] as const) {
    for (const pieceLengthBytes of [16_384, 65_536, 1_048_576]) {
      test(
        `create --format ${format} of ${what} in pieces of ${pieceLengthBytes} bytes has libtorrent's info-hashes`,
        {
          skip,
        },
        async () => {
          const output = join(root, `${basename(path)}-${format}-${pieceLengthBytes}.torrent`);
          const [ours, theirs] = await Promise.all([
            create(path, output, "--format", format, "--piece-length", `${pieceLengthBytes}B`),
            createByLibtorrent({ path, files: filesOf(path), version, pieceLengthBytes }),
          ]);
          const { infoHashV1, infoHashV2 } = ours;
          assert.deepEqual({ infoHashV1, infoHashV2 }, theirs);
        },
      );
    }
  }
}
