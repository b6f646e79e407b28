// A magnet link whose info dictionary is what the info-hash names, and bad: a peer sends it, and `get` takes it for no
// more than a bad .torrent.

import assert from "node:assert/strict";
import { hash } from "node:crypto";
import { mkdirSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { upswarm } from "../../src/cli/fake-process.test.ts";
import { formatEndpoint, parseInfoHash } from "../../src/core/index.ts";
import { listen } from "../../src/engine/wire-peer.test.ts";
import { file, infoV1, link } from "../../src/metainfo/fixture.test.ts";
import { encodeMetadataData, parseMetadataMessage } from "../../src/wire/index.ts";
import { scratchFolder } from "../processes/payloads.ts";

const UT_METADATA_ID = 2;

const sandbox = scratchFolder();
const target = join(sandbox, "a", "target");
mkdirSync(target, { recursive: true });

for (const [what, code, info] of [
  ["a path that climbs", "metainfo.path-dot", infoV1([file("../../../escape")])],
  ["a name that climbs", "metainfo.path-separator", infoV1([file("a")], { name: "../../escape" })],
  ["an absolute name", "metainfo.path-separator", infoV1([file("a")], { name: join(sandbox, "escape") })],
  ["a symlink that climbs", "metainfo.symlink", infoV1([file("b"), link("a", "../../escape")])],
  ["a file behind a symlink", "metainfo.path-conflict", infoV1([file("d/b"), link("a", "d"), file("a/x")])],
  ["pieces that do not fit", "metainfo.pieces", infoV1([file("a", 100_000)], { pieces: Buffer.alloc(20) })],
] as const) {
  test(`get refuses a magnet link to metadata with ${what}`, async (t) => {
    const infoHash = parseInfoHash(hash("sha1", info));
    const peer = await listen(t, {
      infoHash,
      metadataSize: info.length,
      onExtended: (asking, id, payload) => {
        const message = id === UT_METADATA_ID ? parseMetadataMessage(payload) : null;
        if (message?.type === "request") {
          asking.send(encodeMetadataData(UT_METADATA_ID, message.piece, info.length, info));
        }
      },
    });
    const magnet = `magnet:?xt=urn:btih:${infoHash}`;
    const ended = await upswarm(["get", magnet, "-o", target, "--peer", formatEndpoint(peer.endpoint), "--json"]);
    assert.equal(ended.code, 3, ended.out);
    assert.equal((JSON.parse(ended.out) as { error: { code: string } }).error.code, code);
    assert.deepEqual(readdirSync(sandbox, { recursive: true }), ["a", join("a", "target")]);
  });
}
