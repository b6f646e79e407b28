// Bad torrents and magnet links through the command line: exit code 3, a code and a sentence, and not one file more
// anywhere near the target folder. The names that are meant to lead out of it go through processes of their own too.

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
  ...[...refusedInfos, ...badNames].map(([what, code, info]): Refused[number] => [
    what,
    // As an info alone it is no dictionary; in a document it is a key of the wrong type.
    what === "no dictionary" ? "metainfo.field" : code,
    documentOf(info),
  ]),
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

test(`inspect, verify and get refuse ${documents.length} bad torrents: exit code 3, a code, a sentence, no file`, async () => {
  const path = join(torrents, "bad.torrent");
  for (const [what, code, bytes] of documents) {
    writeFileSync(path, bytes);
    for (const argv of [
      ["inspect", path],
      ["verify", path, target],
      ["get", path, "-o", target],
    ]) {
      const ended = await upswarm([...argv, "--json"]);
      assert.equal(ended.code, 3, `${what}: ${ended.out}${ended.err}`);
      checkFailure(what, ended.out, code);
    }
    checkNothingWritten(what);
  }
});

test("get as a process refuses names that lead elsewhere", async () => {
  for (const [index, [what, code, info]] of badNames.entries()) {
    if (!/separator|dot|control/.test(code) || !what.startsWith("a torrent")) continue;
    const path = join(torrents, `${index}.torrent`);
    writeFileSync(path, documentOf(info));
    await using getting = new Upswarm(["get", path, "-o", target]);
    assert.equal(await getting.end(), 3, `${what}: ${getting.lines.join("")}${getting.err}`);
    checkFailure(what, getting.lines.join(""), code);
  }
  checkNothingWritten("all of them");
});

const hash = "a".repeat(40);
for (const [what, code, magnet] of [
  ["no info-hash", "magnet.no-hash", "magnet:?dn=x"],
  ["a short info-hash", "magnet.hash", "magnet:?xt=urn:btih:abcd"],
  ["a v2 info-hash of another kind", "magnet.hash", `magnet:?xt=urn:btmh:1114${hash}`],
  ["two v1 info-hashes", "magnet.hash", `magnet:?xt=urn:btih:${hash}&xt=urn:btih:${"b".repeat(40)}`],
  ["broken escapes", "magnet.encoding", `magnet:?xt=urn:btih:${hash}&dn=%ff%zz`],
  ["no end", "magnet.size", `magnet:?xt=urn:btih:${hash}&dn=${"a".repeat(70_000)}`],
] as const) {
  test(`inspect and get refuse a magnet link with ${what}`, async () => {
    for (const argv of [
      ["inspect", magnet],
      ["get", magnet, "-o", target],
    ]) {
      const ended = await upswarm([...argv, "--json"]);
      assert.equal(ended.code, 3, ended.out);
      checkFailure(what, ended.out, code);
    }
    checkNothingWritten(what);
  });
}
