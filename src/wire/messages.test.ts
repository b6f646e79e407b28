import assert from "node:assert/strict";
import { test } from "node:test";
import {
  encodeBare,
  encodeBitfield,
  encodeCancel,
  encodeDhtPort,
  encodeExtended,
  encodeHave,
  encodeKeepAlive,
  encodeReject,
  encodeRequest,
  writeCancel,
  writePieceHeader,
  writeReject,
  writeRequest,
} from "./messages.ts";

test("the encoders write the bytes that BEP 3, 6 and 10 give", () => {
  const cases: readonly (readonly [Buffer, string])[] = [
    [encodeKeepAlive(), "00000000"],
    [encodeBare("choke"), "0000000100"],
    [encodeBare("haveAll"), "000000010e"],
    [encodeBare("haveNone"), "000000010f"],
    [encodeHave(0x01020304), "000000050401020304"],
    [encodeBitfield(Buffer.from([0x80, 0x40])), "00000003058040"],
    [encodeRequest(1, 0x4000, 0x4000), "0000000d06000000010000400000004000"],
    [encodeCancel(0xffffffff, 0, 1), "0000000d08ffffffff0000000000000001"],
    [encodeReject(1, 2, 3), "0000000d10000000010000000200000003"],
    [encodeDhtPort(0x1ae1), "00000003091ae1"],
    [encodeExtended(0, Buffer.from("de")), "0000000414006465"],
  ];
  for (const [message, hex] of cases) assert.equal(message.toString("hex"), hex);
});

test("the writers fill a caller's memory one after the other and touch nothing beside it", () => {
  const target = Buffer.alloc(70, 0xee);
  let at = writeRequest(target, 3, 1, 2, 3);
  at = writePieceHeader(target, at, 4, 5, 0x4000);
  at = writeCancel(target, at, 6, 7, 8);
  at = writeReject(target, at, 9, 10, 11);
  assert.equal(at, 3 + 17 + 13 + 17 + 17);
  assert.equal(
    target.toString("hex"),
    [
      "eeeeee",
      encodeRequest(1, 2, 3).toString("hex"),
      "00004009070000000400000005",
      encodeCancel(6, 7, 8).toString("hex"),
      encodeReject(9, 10, 11).toString("hex"),
      "eeeeee",
    ].join(""),
  );
});
