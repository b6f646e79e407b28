// Bad torrents and magnet links through the command line: exit code 3, a code and a sentence, and not one file more
// anywhere near the target folder. `get` runs as a process of its own for each of them.

import assert from "node:assert/strict";
import { mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { upswarm } from "../../src/cli/fake-process.test.ts";
import { file, infoV1 } from "../../src/metainfo/fixture.test.ts";
import { refusedDocuments, refusedInfos } from "../../src/metainfo/refused.test.ts";
import type { Refused } from "../../src/metainfo/refused.test.ts";
import { scratchFolder } from "../processes/payloads.ts";
import { Upswarm } from "../processes/upswarm.ts";

const root = scratchFolder();
const torrents = join(root, "torrents");
const sandbox = join(root, "sandbox");
const target = join(sandbox, "a", "target");
mkdirSync(torrents);
mkdirSync(target, { recursive: true });

const badNames: Refused = (
  [
    ["an element ..", "..", "metainfo.path-dot"],
    ["an element .", ".", "metainfo.path-dot"],
    ["an empty element", "", "metainfo.path-empty"],
    ["a slash", "../../escape", "metainfo.path-separator"],
    ["an absolute path", join(sandbox, "escape"), "metainfo.path-separator"],
    ["a backslash", "..\\escape", "metainfo.path-separator"],
    ["NUL", "a\0b", "metainfo.path-control"],
    ["a line feed", "a\nb", "metainfo.path-control"],
    ["an escape sequence", "\u001b[2J", "metainfo.path-control"],
    ["a bidi override", "a\u202egpj.exe", "metainfo.path-invisible"],
    ["a zero-width space", "a\u200bb", "metainfo.path-invisible"],
    ["a device name", "NUL.txt", "metainfo.path-device"],
    ["a device name in small letters", "com1", "metainfo.path-device"],
    ["a drive", "C:", "metainfo.path-reserved"],
    ["a trailing dot", "a.", "metainfo.path-trailing"],
    ["256 bytes", "a".repeat(256), "metainfo.path-length"],
  ] as const
).flatMap(([what, name, code]) => [
  [`a file whose path has ${what}`, code, infoV1([{ length: 1, path: ["d", name] }])],
  [`a torrent whose name is ${what}`, code, infoV1([file("a")], { name })],
]);

const documents: Refused = [
  ...refusedDocuments,
  ...[...refusedInfos, ...badNames].map(([what, code, info]): Refused[number] => [what, code, documentOf(info)]),
];

function documentOf(info: Buffer): Buffer {
  return Buffer.concat([Buffer.from("d4:info"), info, Buffer.from("e")]);
}

interface Failure {
  readonly error: { readonly code: string; readonly message: string };
}

function checkFailure(what: string, json: string, code: string): void {
  const { error } = JSON.parse(json) as Failure;
  assert.equal(error.code, code, what);
  // A sentence, and nothing in it that a terminal would obey.
  assert.match(error.message, /^\P{C}{12,}[.:…”"]?$/u, what);
}

function checkNothingWritten(what: string): void {
  assert.deepEqual(readdirSync(sandbox, { recursive: true }), ["a", join("a", "target")], what);
}

test(`inspect and verify refuse ${documents.length} bad torrents with exit code 3, a code and a sentence`, async () => {
  const path = join(torrents, "bad.torrent");
  for (const [what, code, bytes] of documents) {
    writeFileSync(path, bytes);
    for (const argv of [
      ["inspect", path],
      ["verify", path, target],
    ]) {
      const ended = await upswarm([...argv, "--json"]);
      assert.equal(ended.code, 3, `${what}: ${ended.out}${ended.err}`);
      checkFailure(what, ended.out, code);
    }
    checkNothingWritten(what);
  }
});

test(`get refuses ${documents.length} bad torrents and writes nothing, inside the target or outside`, async () => {
  const queue = documents.map(([what, code, bytes], index) => {
    const path = join(torrents, `${index}.torrent`);
    writeFileSync(path, bytes);
    return { what, code, path };
  });
  const work = async (): Promise<void> => {
    for (let next = queue.pop(); next !== undefined; next = queue.pop()) {
      await using getting = new Upswarm("get", next.path, "-o", target);
      assert.equal(await getting.end(), 3, `${next.what}: ${getting.lines.join("")}${getting.err}`);
      assert.equal(getting.lines.length, 1, next.what);
      checkFailure(next.what, getting.lines[0] ?? "", next.code);
    }
  };
  await Promise.all([work(), work(), work()]);
  checkNothingWritten("all of them");
});

const hash = "a".repeat(40);
const badMagnets = [
  ["no info-hash", "magnet:?dn=x", "magnet.no-hash"],
  ["a short info-hash", "magnet:?xt=urn:btih:abcd", "magnet.hash"],
  ["a v2 info-hash of another kind", `magnet:?xt=urn:btmh:1114${hash}`, "magnet.hash"],
  ["two v1 info-hashes", `magnet:?xt=urn:btih:${hash}&xt=urn:btih:${"b".repeat(40)}`, "magnet.hash"],
  ["broken escapes", `magnet:?xt=urn:btih:${hash}&dn=%ff%zz`, "magnet.encoding"],
  ["a name that climbs", `magnet:?xt=urn:btih:${hash}&dn=..%2f..%2fetc`, "magnet.name"],
  ["a peer without port", `magnet:?xt=urn:btih:${hash}&x.pe=127.0.0.1`, "magnet.peer"],
] as const;
for (const [what, magnet] of badMagnets) {
  test(`inspect and get of a magnet link with ${what}`, async () => {
    for (const argv of [
      ["inspect", magnet],
      ["get", magnet, "-o", target],
    ]) {
      const ended = await upswarm([...argv, "--json"]);
      console.log(what, ended.code, ended.out);
    }
    checkNothingWritten(what);
  });
}
