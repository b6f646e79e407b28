import assert from "node:assert/strict";
import { test } from "node:test";
import { checkPathElement, foldName, parsePathElement } from "./path-element.ts";

const refused: readonly (readonly [code: string, elements: readonly string[]])[] = [
  ["metainfo.path-empty", [""]],
  ["metainfo.path-dot", [".", ".."]],
  ["metainfo.path-separator", ["a/b", "/etc", "a\\b", "\\\\server", "../x"]],
  ["metainfo.path-control", ["a\u0000", "a\nb", "\u001b[31m", "\u007f", "\u0085"]],
  [
    "metainfo.path-invisible",
    ["a\u202egpj.exe", "a\u200bb", "\u2066a", "\ufeffa", "a\u00adb", "a\u2028b", "\u3164", "a\u200db"],
  ],
  ["metainfo.path-reserved", ["C:", "a<b", "a>b", 'a"b', "a|b", "a?", "a*"]],
  ["metainfo.path-trailing", ["a.", "a ", "...", "a. "]],
  [
    "metainfo.path-device",
    ["CON", "con", "NUL.txt", "nul.tar.gz", "COM1", "lpt9.log", "COM¹", "aux .txt", "CONIN$", "prn"],
  ],
  ["metainfo.path-encoding", ["a\ud800", "\udc00b"]],
  ["metainfo.path-length", ["a".repeat(256), "é".repeat(128)]],
];
for (const [code, elements] of refused) {
  test(`checkPathElement() rejects ${JSON.stringify(elements[0]?.slice(0, 20))} and the like with ${code}`, () => {
    for (const element of elements) {
      assert.throws(() => checkPathElement(element, "The name"), { code }, JSON.stringify(element));
    }
  });
}

test("checkPathElement() accepts what is unusual but safe everywhere", () => {
  const safe = [
    ".hidden",
    "..a",
    "a.b.c",
    "CONSOLE",
    "com",
    "COM10",
    "null",
    "a b",
    " a",
    "é",
    "日本",
    "😀",
    "~",
    "-rf",
    "$HOME",
    "a".repeat(255),
  ];
  for (const element of safe) assert.equal(checkPathElement(element, "The name"), element);
});

test("checkPathElement() shows a dangerous name without its control characters", () => {
  assert.throws(
    () => checkPathElement("\u001b[31m\u202egpj.exe", "The name"),
    (error: Error) => !/[\p{Cc}\p{Cf}]/u.test(error.message) && error.message.includes("u{202e}"),
  );
});

test("parsePathElement() rejects bytes that are no UTF-8", () => {
  // A lone continuation byte, an overlong slash, a surrogate, a cut-off sequence.
  for (const hex of ["61ff", "c0af", "eda080", "e697"]) {
    assert.throws(() => parsePathElement(Buffer.from(hex, "hex"), "The name"), { code: "metainfo.path-encoding" }, hex);
  }
});

test("foldName() joins names that some file system takes for one", () => {
  for (const [a, b] of [
    ["README", "readme"],
    ["\u00e9", "e\u0301"],
    ["\u00c9", "e\u0301"],
    ["straße", "STRASSE"],
    ["\u212a", "k"],
    ["ΟΔΟΣ", "οδος"],
    ["ΟΔΟΣ", "οδοσ"],
  ] as const) {
    assert.equal(foldName(a), foldName(b), `${a} ${b}`);
  }
  assert.notEqual(foldName("a"), foldName("ä"));
});
