import assert from "node:assert/strict";
import { test } from "node:test";
import { buildInfo, encodeMetainfo } from "./build.ts";
import { build, patternBytes } from "./fixture.test.ts";
import type { FixtureFile } from "./fixture.test.ts";
import { parseMetainfo } from "./metainfo.ts";
import { layOutPayload } from "./payload.ts";

// Info-hashes that libtorrent 2.0.8 computes for these very files and piece length.
const set: readonly FixtureFile[] = [
  ["a/one.bin", 100_000],
  ["a.txt", 5],
  ["a-b", 40_000],
  ["sub/deep/z", 16_384],
  ["sub/run.sh", 33],
  ["empty", 0],
  ["é", 70_000],
  ["z日本", 32_768],
  ["B", 1],
  ["sub/empty2", 0],
  ["a/😀", 1],
  ["a/ａ", 1],
  ["emptyx", 0],
].map(([path, lengthBytes]) => ({
  path: String(path).split("/"),
  bytes: patternBytes(Number(lengthBytes), Array.from(`t/set/${path}`).length),
  executable: path === "sub/run.sh" || path === "emptyx",
}));
const links: readonly FixtureFile[] = [
  { path: ["link"], symlinkTarget: ["sub", "run.sh"] },
  { path: ["dirlink"], symlinkTarget: ["a"] },
];

const hashesOf = (metainfo: Buffer): (string | null)[] => {
  const { infoHashV1, infoHashV2 } = parseMetainfo(metainfo);
  return [infoHashV1, infoHashV2];
};

test("buildInfo() gives a hybrid folder with symlinks the info-hashes of libtorrent", () => {
  assert.deepEqual(hashesOf(build({ files: [...links, ...set] }).metainfo()), [
    "dcddef7c6d1f8b537bc504898e926c26452e93de",
    "e742cac52837f4b66d1d53c6b8b1abd7f97478382d9997a7f6938752265a6fe6",
  ]);
});

test("buildInfo() gives a v2 folder with symlinks the info-hash of libtorrent", () => {
  assert.deepEqual(hashesOf(build({ version: "2", files: [...set, ...links] }).metainfo()), [
    null,
    "a29221e84e330271a131a4c3a1d700ecdbbbf89daf11c7745327ea4958369d3e",
  ]);
});

test("buildInfo() gives a v1 folder in path order the info-hash of libtorrent", () => {
  assert.deepEqual(hashesOf(build({ version: "1", files: set }).metainfo()), [
    "fd64ef3f5ad1241ed68d3cb2834d5ba742ee95a1",
    null,
  ]);
});

test("buildInfo() gives single files the info-hashes of libtorrent", () => {
  const single = { path: ["single"], bytes: patternBytes(100_001, 8), executable: true };
  const v1 = "8ef231611d52f6a14b6bffc426dcbb9b8f6efd09";
  const v2 = "24dea37bde11d7498cdfb3aaba2d6108a4f72642c00962e97f11aa4aa740f4b0";
  const hybrid = [
    "bbcdaf7f729f31b37f8e4a192a296611f0cee22c",
    "40d3827a67ef95c441c01ed029a58f11f00e35aa9632b8af6cd41fd6cc82569d",
  ];
  const shared = { name: "single", isFolder: false, files: [single] } as const;
  assert.deepEqual(hashesOf(build({ ...shared, version: "1" }).metainfo()), [v1, null]);
  assert.deepEqual(hashesOf(build({ ...shared, version: "2" }).metainfo()), [null, v2]);
  assert.deepEqual(hashesOf(build({ ...shared, version: "hybrid" }).metainfo()), hybrid);
});

test("buildInfo() and buildMetainfo() give the same bytes twice, whatever order the files come in", () => {
  const options = { trackers: [["http://t/announce"]], comment: "c" };
  const again = build({ files: set.toReversed() }).metainfo(options);
  assert.deepEqual(again, build({ files: set }).metainfo(options));
  assert.equal(parseMetainfo(again).creationDate, null);
});

test("encodeMetainfo() gives the bytes that were parsed", () => {
  for (const version of ["1", "2", "hybrid"] as const) {
    const bytes = build({ version, private: true }).metainfo({
      trackers: [["http://a/announce", "udp://b:80/announce"], ["https://c/announce"]],
      webSeeds: ["https://w/files/"],
      comment: "Grüße",
      createdBy: "upswarm",
      creationDate: 1_700_000_000,
    });
    assert.deepEqual(encodeMetainfo(parseMetainfo(bytes)), bytes);
  }
});

test("buildInfo() rejects hashes that do not fit the payload", () => {
  const payload = layOutPayload({
    name: "f",
    version: "hybrid",
    isFolder: false,
    entries: [{ kind: "regular", path: ["f"], lengthBytes: 5, executable: false, symlinkTarget: null }],
  });
  const pieces = Buffer.alloc(20);
  assert.throws(() => buildInfo(payload, { pieces, piecesRoots: null }), { code: "metainfo.pieces-root" });
  assert.throws(() => buildInfo(payload, { pieces: null, piecesRoots: [Buffer.alloc(32)] }), {
    code: "metainfo.pieces",
  });
});
