import assert from "node:assert/strict";
import { test } from "node:test";
import { binaryKey } from "../bencode/index.ts";
import type { Encodable } from "../bencode/index.ts";
import { build, edited, file, infoV1, link } from "./fixture.test.ts";
import { parseInfo } from "./info.ts";

const v1 = build({ version: "1" }).infoBytes;
const v2 = build({ version: "2" }).infoBytes;
const hybrid = build().infoBytes;

test("parseInfo() names the file that is wrong", () => {
  assert.throws(() => parseInfo(infoV1([file("good"), file("folder/NUL.txt")])), { message: /Entry 1 .*"NUL\.txt"/ });
  assert.throws(() => parseInfo(infoV1([file("folder/x"), file("Folder/X")])), {
    message: /"folder\/x" and "Folder\/X" are one path/,
  });
});

test("parseInfo() takes the folders and files of all three versions alike", () => {
  for (const infoBytes of [v1, v2, hybrid]) {
    const { layout, name } = parseInfo(infoBytes);
    assert.equal(name, "set");
    assert.equal(layout.isFolder, true);
    assert.equal(layout.lengthBytes, 70_020);
    const files = layout.files.filter(({ kind }) => kind !== "pad");
    assert.deepEqual(
      files.map(({ path, kind, lengthBytes, executable }) => [path.join("/"), kind, lengthBytes, executable]),
      [
        ["app/run", "regular", 70_000, true],
        ["empty", "regular", 0, false],
        ["link", "symlink", 0, false],
        ["läser.txt", "regular", 20, false],
      ],
    );
    assert.deepEqual(files[2]?.symlinkTarget, ["app", "run"]);
  }
});

test("parseInfo() takes a hybrid torrent without the last pad file", () => {
  const short = edited(hybrid, (info) => (info.get("files") as Encodable[]).pop());
  const { layout } = parseInfo(short);
  assert.equal(layout.pieceCount, 4);
  assert.equal(layout.spaceBytes, 3 * 32_768 + 20);
});

test("parseInfo() takes rows of symlinks and symlinks to folders", () => {
  const { layout } = parseInfo(
    infoV1([file("lib/so.1.2"), link("lib/so", "lib/so.1"), link("lib/so.1", "lib/so.1.2"), link("lib64", "lib")]),
  );
  assert.deepEqual(layout.files[1]?.symlinkTarget, ["lib", "so.1"]);
});

test("parseInfo() prefers the UTF-8 name and path of old creators where they are UTF-8", () => {
  const latin = Buffer.from("sm\u00f8r", "latin1");
  const files = [{ length: 1, path: [latin], "path.utf-8": ["smør"] }];
  const info = parseInfo(infoV1(files, { name: latin, "name.utf-8": "smør" }));
  assert.equal(info.name, "smør");
  assert.deepEqual(info.layout.files[0]?.path, ["smør"]);
  assert.throws(() => parseInfo(infoV1([{ length: 1, path: ["ok"], "path.utf-8": ["a/b"] }])), {
    code: "metainfo.path-separator",
  });
});

test("parseInfo() keeps keys that it does not know in the info-hash", () => {
  const plain = parseInfo(v1);
  const other = parseInfo(edited(v1, (info) => info.set("source", "somewhere")));
  assert.notEqual(plain.infoHashV1, other.infoHashV1);
});

const treeOfOne = (name: string): Buffer =>
  edited(v2, (info) =>
    info.set("file tree", { [binaryKey(name)]: { "": { length: 5, "pieces root": Buffer.alloc(32) } } }),
  );

test("parseInfo() tells a v2 folder with one file from a single file by its name", () => {
  assert.equal(parseInfo(treeOfOne("set")).layout.isFolder, false);
  assert.equal(parseInfo(treeOfOne("other")).layout.isFolder, true);
});

test("parseInfo() reads the private flag", () => {
  assert.equal(parseInfo(build({ private: true }).infoBytes).private, true);
  assert.equal(parseInfo(hybrid).private, false);
});
