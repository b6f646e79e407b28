// Torrents as bombs: small or large documents that would take much memory, time or disk of whoever opens them. Each goes to
// `get` as a process, whose peak of memory is measured. What is wrong with names, links and fields in small documents is
// in test/fault/bad-input.test.ts.

import assert from "node:assert/strict";
import { mkdirSync, readdirSync, statSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { FILE_COUNT_MAX, FILE_LENGTH_MAX_BYTES } from "../../src/core/index.ts";
import { file, infoV1, link } from "../../src/metainfo/fixture.test.ts";
import { scratchFolder } from "../processes/payloads.ts";
import { Upswarm } from "../processes/upswarm.ts";

/** As many values as a torrent may have, decoded. Without that limit a document of 128 MiB would take several times this. */
const PEAK_MAX_BYTES = 1e9;
const SAY_PEAK = "process.on('exit',()=>console.error('peak '+process.resourceUsage().maxRSS))";

const root = scratchFolder();
const target = join(root, "target");
mkdirSync(target);

function getMeasured(path: string): Upswarm {
  const argv = ["get", path, "-o", target, "--listen", "127.0.0.1:0"];
  return new Upswarm(argv, ([node = "", ...rest]) => [node, "--import", `data:text/javascript,${SAY_PEAK}`, ...rest]);
}

function peakBytes({ err }: Upswarm): number {
  return Number(/^peak (\d+)$/m.exec(err)?.[1]) * 1_024;
}

function codeOf({ lines }: Upswarm): string {
  const { error } = JSON.parse(lines.join("")) as { error: { code: string; message: string } };
  assert.ok(error.message.length < 1_000);
  return error.code;
}

function documentOf(info: Buffer): Buffer {
  return Buffer.concat([Buffer.from("d4:info"), info, Buffer.from("e")]);
}

function range<T>(count: number, make: (index: number) => T): T[] {
  return Array.from({ length: count }, (_, index) => make(index));
}

const MILLION = 1_000_000;
const MANY = 30_000;

/** A torrent of version 1 with this list of files, as text. */
function listOf(files: string): Buffer {
  return Buffer.from(`d5:filesl${files}e4:name3:set12:piece lengthi16384e6:pieces0:e`);
}

/** A file tree (BEP 52) with so many empty files side by side. */
function broadTree(count: number): Buffer {
  const leaves = range(count, (index) => `7:${String(index).padStart(7, "0")}d0:d6:lengthi0eee`).join("");
  return Buffer.from(`d9:file treed${leaves}e12:meta versioni2e4:name3:set12:piece lengthi16384ee`);
}

const emptyFile = "d6:lengthi0e4:pathl1:aee";
const longest = range(1_000, (n) => file(`f${n}`, FILE_LENGTH_MAX_BYTES));
const bombs: readonly (readonly [what: string, code: string, make: () => Buffer])[] = [
  ["a million empty files", "metainfo.size", () => listOf(emptyFile.repeat(MILLION))],
  ["a file more than allowed", "metainfo.file-count", () => listOf(emptyFile.repeat(FILE_COUNT_MAX + 1))],
  ["a file more than allowed in its tree", "metainfo.file-count", () => broadTree(FILE_COUNT_MAX + 1)],
  ["nesting a million deep", "metainfo.size", () => Buffer.from("d1:a".repeat(MILLION) + "e".repeat(MILLION))],
  ["five million values", "metainfo.size", () => Buffer.from(`d1:al${"i0e".repeat(5 * MILLION)}ee`)],
  ["an integer of ten million digits", "metainfo.syntax", () => Buffer.from(`d6:lengthi${"9".repeat(10 * MILLION)}ee`)],
  ["the length of a string and no string", "metainfo.syntax", () => Buffer.from("d4:name9007199254740991:")],
  [
    "a million hashes for one piece",
    "metainfo.pieces",
    () => infoV1([file("a")], { pieces: Buffer.alloc(20 * MILLION) }),
  ],
  ["a thousand files of 32 TiB", "metainfo.piece-count", () => infoV1([], { files: longest, "piece length": 2 ** 26 })],
  [
    "a chain of links",
    "metainfo.symlink",
    () => infoV1([file("z"), ...range(MANY, (n) => link(`l${n}`, `l${n + 1}`))]),
  ],
  [
    "fifty folders of its own for each file",
    "metainfo.file-count",
    () => infoV1(range(MANY, (n) => file(`${n}/${"d/".repeat(50)}a`))),
  ],
  [
    "many folders and two names that differ by case",
    "metainfo.path-duplicate",
    () => infoV1([...range(MANY, (n) => file(`${n % 300}/${n}/a`)), file("1/1/A")]),
  ],
  [
    "many files and one that Windows takes for a device",
    "metainfo.path-device",
    () => infoV1([...range(MANY, (n) => file(`f${n}`)), file("d/aux.txt")]),
  ],
];

test("get refuses torrents that are bombs, in bounded memory, and writes nothing", async (t) => {
  for (const [what, code, make] of bombs) {
    await t.test(what, async (inner) => {
      const path = join(root, "bomb.torrent");
      writeFileSync(path, documentOf(make()));
      await using getting = getMeasured(path);
      assert.equal(await getting.end(), 3, getting.err.slice(-1_000));
      inner.diagnostic(`${statSync(path).size} bytes, peak ${Math.round(peakBytes(getting) / 1e6)} MB`);
      assert.equal(codeOf(getting), code);
      assert.ok(peakBytes(getting) < PEAK_MAX_BYTES, `${peakBytes(getting)} bytes`);
      assert.deepEqual(readdirSync(target), []);
    });
  }
});

test("get does not read a file of a terabyte as a torrent", async () => {
  const path = join(root, "huge.torrent");
  writeFileSync(path, "d4:infod");
  truncateSync(path, 2 ** 40);
  await using getting = getMeasured(path);
  assert.equal(await getting.end(), 3, getting.err.slice(-1_000));
  assert.ok(peakBytes(getting) < PEAK_MAX_BYTES);
});

test("get refuses a torrent that is longer than the disk before it writes anything", async (t) => {
  const pieceLength = 2 ** 26;
  const pieces = Buffer.alloc((FILE_LENGTH_MAX_BYTES / pieceLength) * 20);
  const path = join(root, "long.torrent");
  const files = [file("a", FILE_LENGTH_MAX_BYTES)];
  writeFileSync(path, documentOf(infoV1([], { files, pieces, "piece length": pieceLength })));
  await using getting = getMeasured(path);
  assert.equal(await getting.end(), 1, getting.err.slice(-1_000));
  assert.equal(codeOf(getting), "storage.disk-full");
  t.diagnostic(`peak ${Math.round(peakBytes(getting) / 1e6)} MB`);
  assert.ok(peakBytes(getting) < PEAK_MAX_BYTES);
  assert.deepEqual(readdirSync(target), []);
});
