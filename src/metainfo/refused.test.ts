// Info dictionaries and documents that must be refused, and with which code: for the parser's tests and for those of the
// command line. It holds no test.

import { encode } from "../bencode/index.ts";
import type { Encodable } from "../bencode/index.ts";
import { METAINFO_LENGTH_MAX_BYTES } from "../core/index.ts";
import { build, edited, file, infoV1, link } from "./fixture.test.ts";
import type { Tree } from "./fixture.test.ts";

/** What is wrong, the code, and the bytes. */
export type Refused = readonly (readonly [what: string, code: string, bytes: Buffer])[];

const v1 = build({ version: "1" }).infoBytes;
const v2 = build({ version: "2" }).infoBytes;
const hybrid = build().infoBytes;
const at = (tree: Encodable | undefined, ...keys: (string | number)[]): Tree =>
  keys.reduce<unknown>(
    (node, key) => (typeof key === "number" ? (node as Encodable[])[key] : (node as Tree).get(key)),
    tree,
  ) as Tree;
/** The v2 file "empty", and the v1 entry 0 (app/run). */
const treeFile = (info: Tree, ...path: string[]): Tree => at(info, "file tree", ...path, "");

export const refusedInfos: Refused = [
  ["no dictionary", "metainfo.syntax", Buffer.from("le")],
  ["no bencoding", "metainfo.syntax", Buffer.from("{}")],
  ["unsorted keys", "metainfo.syntax", Buffer.from("d4:name1:a12:piece lengthi16384e6:lengthi1ee")],
  ["endless nesting", "metainfo.size", Buffer.from("d1:a".repeat(100) + "e".repeat(100))],
  ["a missing name", "metainfo.field", edited(v1, (info) => info.delete("name"))],
  ["a name that is a number", "metainfo.field", edited(v1, (info) => info.set("name", 1))],
  ["a name that climbs", "metainfo.path-separator", edited(v1, (info) => info.set("name", "../../etc"))],
  ["the name ..", "metainfo.path-dot", edited(v2, (info) => info.set("name", ".."))],
  ["a missing piece length", "metainfo.field", edited(v1, (info) => info.delete("piece length"))],
  ["piece length 0", "metainfo.piece-length", edited(v1, (info) => info.set("piece length", 0))],
  ["a negative piece length", "metainfo.piece-length", edited(v1, (info) => info.set("piece length", -32768))],
  ["a tiny piece length", "metainfo.piece-length", edited(v1, (info) => info.set("piece length", 1023))],
  ["a piece length of 128 MiB", "metainfo.piece-length", edited(v1, (info) => info.set("piece length", 2 ** 27))],
  ["a piece length beyond 2^63", "metainfo.field", edited(v1, (info) => info.set("piece length", 2n ** 63n))],
  ["a v2 piece length below 16 KiB", "metainfo.piece-length", edited(v2, (info) => info.set("piece length", 8192))],
  [
    "a v2 piece length of no power of two",
    "metainfo.piece-length",
    edited(v2, (info) => info.set("piece length", 49152)),
  ],
  [
    "a hybrid piece length of no power of two",
    "metainfo.piece-length",
    edited(hybrid, (info) => info.set("piece length", 49152)),
  ],
  ["missing pieces", "metainfo.field", edited(v1, (info) => info.delete("pieces"))],
  ["pieces that are one short", "metainfo.pieces", edited(v1, (info) => info.set("pieces", Buffer.alloc(40)))],
  ["pieces of 21 bytes", "metainfo.pieces", edited(v1, (info) => info.set("pieces", Buffer.alloc(61)))],
  [
    "too many pieces",
    "metainfo.piece-count",
    infoV1([file("a", 1024)], { "piece length": 1024, files: [file("a", 2 ** 31 + 1)] }),
  ],
  ["meta version 3, broken otherwise", "metainfo.version", Buffer.from("d12:meta versioni3ee")],
  ["meta version 1", "metainfo.version", edited(v2, (info) => info.set("meta version", 1))],
  ["a meta version that is text", "metainfo.version", edited(v2, (info) => info.set("meta version", "2"))],
  ["no file tree", "metainfo.field", edited(v2, (info) => info.delete("file tree"))],
  ["no files and no length", "metainfo.field", edited(v1, (info) => info.delete("files"))],
  ["files and length", "metainfo.field", edited(v1, (info) => info.set("length", 1))],
  ["an empty list of files", "metainfo.field", infoV1([])],
  ["an entry of files that is a list", "metainfo.field", infoV1([], { files: [[]] })],
  ["a file without length", "metainfo.field", infoV1([{ path: ["a"] }])],
  ["a file without path", "metainfo.field", infoV1([{ length: 1 }])],
  ["a path of numbers", "metainfo.field", infoV1([{ length: 1, path: [1] }])],
  ["an empty path", "metainfo.path-empty", infoV1([{ length: 1, path: [] }])],
  ["an absolute path", "metainfo.path-empty", infoV1([file("/etc/passwd")])],
  ["a path that climbs", "metainfo.path-dot", infoV1([file("a/../../b")])],
  [
    "a v2 path that climbs",
    "metainfo.path-dot",
    edited(v2, (info) => at(info, "file tree").set("..", at(info, "file tree", "app"))),
  ],
  [
    "a v2 name that is no UTF-8",
    "metainfo.path-encoding",
    edited(v2, (info) => at(info, "file tree").set("\u00ff", at(info, "file tree", "empty"))),
  ],
  ["a negative length", "metainfo.file-length", infoV1([file("a", -1)])],
  ["a length above 2^45", "metainfo.file-length", infoV1([], { files: [file("a", 2 ** 45 + 1)] })],
  ["a length beyond 2^53", "metainfo.file-length", infoV1([], { files: [{ length: 2n ** 60n, path: ["a"] }] })],
  ["a negative v2 length", "metainfo.file-length", edited(v2, (info) => treeFile(info, "empty").set("length", -1))],
  ["no bytes at all", "metainfo.empty", infoV1([file("a", 0), file("b", 0)])],
  ["the same path twice", "metainfo.path-duplicate", infoV1([file("a/b"), file("a/b")])],
  ["paths that differ by case", "metainfo.path-duplicate", infoV1([file("A/b"), file("a/B")])],
  ["paths that differ by composition", "metainfo.path-duplicate", infoV1([file("\u00e9"), file("e\u0301")])],
  ["a file that is a folder", "metainfo.path-conflict", infoV1([file("a"), file("a/b")])],
  ["a folder that is a file by case", "metainfo.path-conflict", infoV1([file("A/b"), file("a")])],
  ["a path of 65 elements", "metainfo.path-depth", infoV1([file("a/".repeat(64) + "b")])],
  ["a path of 1000 bytes", "metainfo.path-length", infoV1([file(`${"a".repeat(250)}/`.repeat(4) + "b")])],
  ["a pad file as long as a piece", "metainfo.pad", infoV1([file("a", 100), file(".pad/0", 16384, { attr: "p" })])],
  [
    "a piece of padding alone",
    "metainfo.pad",
    infoV1([file("a", 1), file("p", 16383, { attr: "p" }), file("q", 9, { attr: "p" })]),
  ],
  [
    "padding before everything",
    "metainfo.pad",
    infoV1([file("q", 16383, { attr: "p" }), file("q", 1, { attr: "p" }), file("a", 1)]),
  ],
  [
    "a single file that is padding",
    "metainfo.attr",
    edited(
      build({ version: "1", isFolder: false, files: [{ path: ["set"], bytes: Buffer.alloc(9) }] }).infoBytes,
      (info) => info.set("attr", "p"),
    ),
  ],
  ["a v2 pad file", "metainfo.attr", edited(v2, (info) => treeFile(info, "app", "run").set("attr", "p"))],
  ["a symlink that climbs", "metainfo.symlink", infoV1([file("b"), link("a", "../b")])],
  ["a symlink to an absolute path", "metainfo.symlink", infoV1([file("b"), link("a", "/etc/passwd")])],
  ["a symlink to a drive", "metainfo.path-reserved", infoV1([file("b"), link("a", "C:/b")])],
  [
    "a symlink to a path in one element",
    "metainfo.path-separator",
    infoV1([file("b"), { ...link("a", "b"), "symlink path": ["../../etc"] }]),
  ],
  ["a symlink to nothing", "metainfo.symlink", infoV1([file("b"), link("a", "c")])],
  ["a symlink without target", "metainfo.field", infoV1([file("b"), { attr: "l", length: 0, path: ["a"] }])],
  [
    "a symlink with an empty target",
    "metainfo.symlink",
    infoV1([file("b"), { ...link("a", "b"), "symlink path": [] }]),
  ],
  ["a symlink with a length", "metainfo.symlink", infoV1([file("b"), { ...link("a", "b"), length: 1 }])],
  ["a symlink to itself", "metainfo.symlink", infoV1([file("b"), link("a", "a")])],
  ["symlinks in a circle", "metainfo.symlink", infoV1([file("b"), link("a", "c"), link("c", "a")])],
  ["a symlink through a symlink", "metainfo.symlink", infoV1([file("d/b"), link("a", "d"), link("c", "a/b")])],
  ["a file behind a symlink", "metainfo.path-conflict", infoV1([file("d/b"), link("a", "d"), file("a/x")])],
  ["a file behind a symlink by case", "metainfo.path-conflict", infoV1([file("d/b"), link("a", "d"), file("A/x")])],
  ["an empty file tree", "metainfo.file-tree", edited(v2, (info) => info.set("file tree", {}))],
  ["an empty folder in the tree", "metainfo.file-tree", edited(v2, (info) => at(info, "file tree").set("folder", {}))],
  [
    "a tree whose root is a file",
    "metainfo.file-tree",
    edited(v2, (info) => info.set("file tree", { "": { length: 1 } })),
  ],
  [
    "a tree entry that is file and folder",
    "metainfo.file-tree",
    edited(v2, (info) => at(info, "file tree", "app").set("", { length: 0 })),
  ],
  ["a tree entry that is a number", "metainfo.file-tree", edited(v2, (info) => at(info, "file tree").set("x", 1))],
  [
    "a file without root",
    "metainfo.pieces-root",
    edited(v2, (info) => treeFile(info, "app", "run").delete("pieces root")),
  ],
  [
    "a root of 20 bytes",
    "metainfo.pieces-root",
    edited(v2, (info) => treeFile(info, "app", "run").set("pieces root", Buffer.alloc(20))),
  ],
  [
    "halves with other lengths",
    "metainfo.hybrid",
    edited(hybrid, (info) => treeFile(info, "app", "run").set("length", 70_001)),
  ],
  [
    "halves with other names",
    "metainfo.hybrid",
    edited(hybrid, (info) => at(info, "files", 0).set("path", ["app", "ran"])),
  ],
  ["halves with other attributes", "metainfo.hybrid", edited(hybrid, (info) => at(info, "files", 0).delete("attr"))],
  [
    "halves with other targets",
    "metainfo.hybrid",
    edited(hybrid, (info) => at(info, "files", 3).set("symlink path", ["empty"])),
  ],
  [
    "halves in another order",
    "metainfo.hybrid",
    edited(hybrid, (info) =>
      (info.get("files") as Encodable[]).splice(2, 2, at(info, "files", 3), at(info, "files", 2)),
    ),
  ],
  [
    "a file in v2 alone",
    "metainfo.hybrid",
    edited(hybrid, (info) => at(info, "file tree").set("z", { "": { length: 0 } })),
  ],
  [
    "a file in v1 alone",
    "metainfo.hybrid",
    edited(hybrid, (info) => (info.get("files") as Encodable[]).push(file("z", 0))),
  ],
  [
    "a folder in v2 and a file in v1",
    "metainfo.hybrid",
    edited(
      edited(hybrid, (info) => info.delete("files")),
      (info) => info.set("length", 70_020),
    ),
  ],
  [
    "a hybrid torrent without pad files",
    "metainfo.alignment",
    edited(hybrid, (info) => (info.get("files") as Encodable[]).splice(1, 1)),
  ],
  [
    "a hybrid torrent with a short pad file",
    "metainfo.alignment",
    edited(hybrid, (info) => at(info, "files", 1).set("length", 5)),
  ],
  ["a hybrid torrent without pieces", "metainfo.field", edited(hybrid, (info) => info.delete("pieces"))],
  ["a hybrid torrent without files", "metainfo.field", edited(hybrid, (info) => info.delete("files"))],
];

const built = build();
const document = built.metainfo({ trackers: [["http://t/announce"]] });
const layers = (tree: Tree): Tree => tree.get("piece layers") as Tree;
const [bigRoot = ""] = [...(built.pieceLayers ?? new Map<string, Buffer>()).keys()].map((hex) =>
  Buffer.from(hex, "hex").toString("latin1"),
);
const layer = built.pieceLayers?.get(Buffer.from(bigRoot, "latin1").toString("hex")) as Buffer;

export const refusedDocuments: Refused = [
  ["an empty file", "metainfo.syntax", Buffer.alloc(0)],
  ["a web page", "metainfo.syntax", Buffer.from("<!doctype html>")],
  ["bytes after the end", "metainfo.syntax", Buffer.concat([document, Buffer.from("\n")])],
  ["a file that was cut off", "metainfo.syntax", document.subarray(0, -1)],
  ["no info", "metainfo.field", encode({ announce: "http://t/announce" })],
  ["an info that is a string", "metainfo.field", encode({ info: "x" })],
  ["more bytes than the limit", "metainfo.size", Buffer.alloc(METAINFO_LENGTH_MAX_BYTES + 1)],
  ["missing piece layers", "metainfo.piece-layers", edited(document, (tree) => tree.delete("piece layers"))],
  ["piece layers that are a list", "metainfo.piece-layers", edited(document, (tree) => tree.set("piece layers", []))],
  ["a missing piece layer", "metainfo.piece-layers", edited(document, (tree) => tree.set("piece layers", {}))],
  ["a piece layer that is a number", "metainfo.piece-layers", edited(document, (tree) => layers(tree).set(bigRoot, 1))],
  [
    "a piece layer one hash short",
    "metainfo.piece-layers",
    edited(document, (tree) => layers(tree).set(bigRoot, layer.subarray(32))),
  ],
  [
    "a piece layer one hash long",
    "metainfo.piece-layers",
    edited(document, (tree) => layers(tree).set(bigRoot, Buffer.concat([layer, Buffer.alloc(32)]))),
  ],
  [
    "a piece layer of another root",
    "metainfo.piece-layers",
    edited(document, (tree) => layers(tree).set(bigRoot, Buffer.alloc(layer.length))),
  ],
  [
    "a piece layer for no file",
    "metainfo.piece-layers",
    edited(document, (tree) => layers(tree).set("x".repeat(32), layer)),
  ],
];
