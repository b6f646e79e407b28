import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import {
  CLIENT_NAME_LENGTH_MAX,
  EXTENDED_DEPTH_MAX,
  INFO_LENGTH_MAX_BYTES,
  REQUEST_QUEUE_MAX,
  SITE_NAME_BYTES_MAX,
} from "../core/index.ts";
import { encodeExtensionHandshake, LOCAL_EXTENSION_IDS, parseExtensionHandshake } from "./extension-handshake.ts";
import { WireError } from "./wire-error.ts";

const parse = (text: string): ReturnType<typeof parseExtensionHandshake> =>
  parseExtensionHandshake(Buffer.from(text, "latin1"));

const NOTHING = {
  m: {},
  clientName: null,
  reqq: null,
  metadataSize: null,
  listenPort: null,
  uploadOnly: null,
  yourip: null,
  site: null,
};

test("parseExtensionHandshake() rejects what is no dictionary, or one without bounds", () => {
  const deep = `d1:x${"l".repeat(EXTENDED_DEPTH_MAX)}${"e".repeat(EXTENDED_DEPTH_MAX)}e`;
  const many = `d1:xl${"i0e".repeat(2000)}ee`;
  for (const text of [
    "",
    "d",
    "le",
    "i1e",
    "4:spam",
    "d1:v9:shorte",
    "d1:pi1e1:pi2ee",
    "d1:v99999999999999:e",
    deep,
    many,
  ]) {
    assert.throws(() => parse(text), { name: "WireError", code: "wire.payload" }, text.slice(0, 40));
  }
});

test("parseExtensionHandshake() takes values that make no sense for absent", () => {
  for (const text of [
    "de",
    "d1:mlee",
    "d1:md6:ut_pexi256e11:ut_metadatai-1e11:lt_donthave1:3ee",
    "d1:pi0ee",
    "d1:pi65536ee",
    "d1:p4:6881e",
    "d4:reqq2:10e",
    "d13:metadata_sizei0ee",
    "d13:metadata_sizei-5ee",
    `d13:metadata_sizei${INFO_LENGTH_MAX_BYTES + 1}ee`,
    "d13:metadata_sizei99999999999999999999ee",
    "d1:v0:e",
    "d1:v3:\u0001\u0002\u0003e",
    "d6:yourip3:abce",
    "d6:yourip0:e",
    "d11:upload_only1:1e",
  ]) {
    assert.deepEqual(parse(text), NOTHING, text);
  }
});

test("parseExtensionHandshake() reads what libtorrent sends, keys in any order", () => {
  const text =
    "d1:v16:libtorrent/2.0.813:metadata_sizei31235e1:pi6881e4:reqqi2000e11:upload_onlyi1e6:yourip4:\u007f\u0000\u0000\u0001" +
    "1:md11:upload_onlyi3e6:ut_pexi1e12:ut_holepunchi4e11:ut_metadatai2e11:lt_donthavei7eee";
  assert.deepEqual(parse(text), {
    m: { upload_only: 3, ut_pex: 1, ut_metadata: 2, lt_donthave: 7 },
    clientName: "libtorrent/2.0.8",
    reqq: 2000,
    metadataSize: 31_235,
    listenPort: 6881,
    uploadOnly: true,
    yourip: "127.0.0.1",
    site: null,
  });
  assert.deepEqual(parse("d1:md6:ut_pexi0eee").m, { ut_pex: 0 });
});

test("parseExtensionHandshake() clamps reqq to what we will queue", () => {
  for (const [given, taken] of [
    [-9, 1],
    [0, 1],
    [1, 1],
    [250, 250],
    [REQUEST_QUEUE_MAX + 1, REQUEST_QUEUE_MAX],
  ]) {
    assert.equal(parse(`d4:reqqi${given}ee`).reqq, taken);
  }
});

test("parseExtensionHandshake() makes a client's name short and harmless to show", () => {
  const evil = Buffer.from("A\u001b[31m\nfake\u202eB\u0000");
  assert.equal(parse(`d1:v${evil.length}:${evil.toString("latin1")}e`).clientName, "A[31mfakeB");
  const long = Buffer.from("\u{1f600}".repeat(9000)).toString("latin1");
  assert.equal(parse(`d1:v${long.length}:${long}e`).clientName, "\u{1f600}".repeat(CLIENT_NAME_LENGTH_MAX));
});

test("encodeExtensionHandshake() writes a sorted dictionary that reads back", () => {
  const message = encodeExtensionHandshake({
    extensions: ["ut_pex", "ut_metadata", "upload_only", "lt_donthave"],
    clientName: "Upswarm",
    reqq: 500,
    metadataSize: 20_000,
    listenPort: 6881,
    uploadOnly: true,
    yourip: "2001:db8::1",
    site: "rack 7",
  });
  assert.equal(message.readUInt32BE(0), message.length - 4);
  assert.equal(message.toString("hex", 4, 6), "1400");
  assert.deepEqual(parseExtensionHandshake(message.subarray(6)), {
    m: LOCAL_EXTENSION_IDS,
    clientName: "Upswarm",
    reqq: 500,
    metadataSize: 20_000,
    listenPort: 6881,
    uploadOnly: true,
    yourip: "2001:db8::1",
    site: "rack 7",
  });
  assert.equal(encodeExtensionHandshake({ extensions: [] }).toString("latin1", 6), "d1:mdee");
  assert.equal(
    encodeExtensionHandshake({ extensions: ["ut_metadata"], metadataSize: null }).toString("latin1", 6),
    "d1:md11:ut_metadatai2eee",
  );
});

test("parseExtensionHandshake() throws nothing but WireError", () => {
  fc.assert(
    fc.property(fc.stringMatching(/^d[0-9:delmpvi-]{0,40}e?$/), fc.uint8Array({ maxLength: 60 }), (text, bytes) => {
      for (const payload of [Buffer.from(text), Buffer.from(bytes)]) {
        try {
          parseExtensionHandshake(payload);
        } catch (error) {
          assert.ok(error instanceof WireError, String(error));
        }
      }
    }),
    { numRuns: 500 },
  );
});

test("parseExtensionHandshake() reads a site's name up to its limit, and takes one above or a forged one for absent", () => {
  const longest = "s".repeat(SITE_NAME_BYTES_MAX);
  assert.equal(parse("d4:site0:e").site, "", "It has no name and shares its site's link all the same.");
  assert.equal(parse(`d4:site${longest.length}:${longest}e`).site, longest);
  assert.equal(parse(`d4:site${longest.length + 1}:${longest}se`).site, null);
  assert.equal(parse("d4:site3:a\nbe").site, null);
  assert.equal(parse("d4:sitei1ee").site, null);
});
