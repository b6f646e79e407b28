import assert from "node:assert/strict";
import { test } from "node:test";
import { build, edited } from "./fixture.test.ts";
import { parseInfo } from "./info.ts";
import { parseMetainfo } from "./metainfo.ts";
import { buildTwin, deriveTwin, isTwinOf } from "./twin.ts";

const hybrid = parseMetainfo(
  build({ private: true }).metainfo({
    trackers: [["http://t/a"], ["udp://u:1/a"]],
    webSeeds: ["http://w/"],
    comment: "c",
    createdBy: "b",
    creationDate: 7,
  }),
);

test("deriveTwin() rejects a torrent that is not hybrid", () => {
  for (const version of ["1", "2"] as const) {
    const info = parseInfo(build({ version }).infoBytes);
    assert.throws(() => deriveTwin(info), { code: "metainfo.unrepresentable" });
  }
});

test("buildTwin() makes a v1 torrent of the same pieces, files, trackers and texts", () => {
  const twin = parseMetainfo(buildTwin(hybrid));
  assert.equal(twin.version, "1");
  assert.notEqual(twin.infoHashV1, hybrid.infoHashV1);
  assert.deepEqual(twin.pieces, hybrid.pieces);
  const plain = (layout: typeof twin.layout): unknown => layout.files.map((file) => ({ ...file, piecesRoot: null }));
  assert.deepEqual(plain(twin.layout), plain(hybrid.layout));
  assert.equal(twin.layout.blockCountTotal, hybrid.layout.blockCountTotal);
  for (const key of ["name", "private", "trackers", "webSeeds", "comment", "createdBy", "creationDate"] as const) {
    assert.deepEqual(twin[key], hybrid[key], key);
  }
});

test("buildTwin() gives the same bytes each time", () => {
  assert.deepEqual(
    buildTwin(hybrid),
    buildTwin(
      parseMetainfo(
        build({ private: true }).metainfo({
          trackers: [["http://t/a"], ["udp://u:1/a"]],
          webSeeds: ["http://w/"],
          comment: "c",
          createdBy: "b",
          creationDate: 7,
        }),
      ),
    ),
  );
});

test("isTwinOf() knows the pair in either order and nothing else", () => {
  const twin = parseInfo(deriveTwin(hybrid));
  assert.equal(isTwinOf(hybrid, twin), true);
  assert.equal(isTwinOf(twin, hybrid), true);
  assert.equal(isTwinOf(hybrid, hybrid), false);
  assert.equal(isTwinOf(twin, twin), false);
  assert.equal(isTwinOf(hybrid, parseInfo(build({ version: "1" }).infoBytes)), false);
  const other = parseInfo(edited(twin.infoBytes, (info) => info.set("name", "other")));
  assert.equal(isTwinOf(hybrid, other), false);
});

test("deriveTwin() keeps keys of the info that it does not know", () => {
  const marked = parseInfo(edited(hybrid.infoBytes, (info) => info.set("source", "x")));
  assert.notDeepEqual(deriveTwin(marked), deriveTwin(hybrid));
  assert.ok(deriveTwin(marked).includes("6:source1:x"));
});
