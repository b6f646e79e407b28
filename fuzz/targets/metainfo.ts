// Metainfo files and magnet links: what is accepted stays what it is when it is written and read again, and no name leads
// out of the folder that it is put into.

import assert from "node:assert/strict";
import { join, normalize } from "node:path";
import {
  buildTwin,
  encodeMetainfo,
  formatMagnet,
  isTwinOf,
  MagnetError,
  magnetOf,
  MetainfoError,
  parseInfo,
  parseMagnet,
  parseMetainfo,
} from "../../src/metainfo/index.ts";
import { build, patternBytes } from "../../src/metainfo/fixture.test.ts";
import type { Info } from "../../src/metainfo/index.ts";
import { accepts } from "../target.ts";
import type { FuzzTarget } from "../target.ts";

const options = {
  trackers: [["http://a.example/announce"], ["udp://b.example:6969"]],
  webSeeds: ["http://c.example/d/"],
};
const files = (["1", "2", "hybrid"] as const).flatMap((version) => {
  const single = [{ path: ["one"], bytes: patternBytes(40_000) }];
  const one = build({ version, isFolder: false, name: "one", files: single });
  const folder = build({ version });
  return [
    { info: one.infoBytes, file: one.metainfo({ ...options, pieceLayers: one.pieceLayers }) },
    { info: folder.infoBytes, file: folder.metainfo({ ...options, pieceLayers: folder.pieceLayers }) },
  ];
});

const tokens = [
  "info",
  "name",
  "length",
  "files",
  "path",
  "pieces",
  "piece length",
  "private",
  "attr",
  "symlink path",
  "file tree",
  "meta version",
  "pieces root",
  "piece layers",
  "announce",
  "announce-list",
  "url-list",
  "creation date",
  "p",
  "x",
  "l",
  "..",
  ".",
  "/",
  "\\",
  "C:",
  "CON",
  "nul.txt",
  "a/b",
  "\u0000",
  " ",
  ".pad",
  "\u00e4",
  "A",
  "a",
];

function checkInfo(info: Info): void {
  for (const { path } of info.layout.files) {
    const place = join("/target", info.name, ...path);
    assert.equal(place, normalize(place));
    assert.ok(place.startsWith("/target/") && !place.includes("\u0000"), place);
    for (const element of path) assert.ok(element !== ".." && element !== "." && !/[/\\]/.test(element), element);
  }
  assert.ok(info.layout.pieceCount > 0);
}

export const metainfo: FuzzTarget = {
  name: "metainfo",
  corpus: files.map(({ file }) => file),
  tokens,
  isBencoded: true,
  check: (input) =>
    accepts(MetainfoError, () => {
      const parsed = parseMetainfo(input);
      checkInfo(parsed);
      const again = parseMetainfo(encodeMetainfo(parsed));
      assert.deepEqual([again.infoHashV1, again.infoHashV2], [parsed.infoHashV1, parsed.infoHashV2]);
      assert.deepEqual([again.trackers, again.webSeeds], [parsed.trackers, parsed.webSeeds]);
      parseMagnet(magnetOf(parsed));
      if (parsed.version === "hybrid") assert.ok(isTwinOf(parsed, parseMetainfo(buildTwin(parsed))));
    }),
};

export const info: FuzzTarget = {
  name: "info",
  corpus: files.map((file) => file.info),
  tokens,
  isBencoded: true,
  check: (input) => accepts(MetainfoError, () => checkInfo(parseInfo(input))),
};

export const magnet: FuzzTarget = {
  name: "magnet",
  corpus: [
    ...files.map(({ file }) => Buffer.from(magnetOf(parseMetainfo(file)))),
    Buffer.from(`magnet:?xt=urn:btih:${"A".repeat(32)}&so=0,2-5&x.pe=host.example:1&x.pe=[::1]:2&xl=5&dn=a+b%20c`),
  ],
  tokens: [
    "&",
    "=",
    "%",
    "%00",
    "%ff",
    "xt=urn:btih:",
    "xt=urn:btmh:1220",
    "xt.1=",
    "dn=",
    "tr=",
    "ws=",
    "x.pe=[::]:1",
    "so=",
    "so=0-1",
    "xl=",
    "magnet:?",
    "magnet:",
    "+",
    ",",
    "-",
    "#",
    "%F0%9F%93%A6",
    ".",
    "..",
  ],
  isBencoded: false,
  check: (input) =>
    accepts(MagnetError, () => {
      const link = parseMagnet(input.toString("utf8"));
      assert.deepEqual(parseMagnet(formatMagnet(link)), link);
    }),
};
