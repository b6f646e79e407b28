import assert from "node:assert/strict";
import { test } from "node:test";
import { encodeDontHave, encodeUploadOnly, parseDontHave, parseUploadOnly } from "./state-messages.ts";

test("parseDontHave() and parseUploadOnly() reject any other length", () => {
  for (const length of [0, 1, 3, 5]) assert.throws(() => parseDontHave(Buffer.alloc(length)), { code: "wire.payload" });
  for (const length of [0, 2, 4]) assert.throws(() => parseUploadOnly(Buffer.alloc(length)), { code: "wire.payload" });
});

test("lt_donthave and upload_only read back as they were written", () => {
  assert.equal(encodeDontHave(7, 0xfffffffe).toString("hex"), "000000061407fffffffe");
  assert.equal(parseDontHave(encodeDontHave(7, 0xfffffffe).subarray(6)), 0xfffffffe);
  for (const uploadOnly of [true, false])
    assert.equal(parseUploadOnly(encodeUploadOnly(3, uploadOnly).subarray(6)), uploadOnly);
});
