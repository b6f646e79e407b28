import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import {
  LOCAL_ANNOUNCE_BYTES_MAX,
  LOCAL_ANNOUNCE_COOKIE_BYTES_MAX,
  LOCAL_ANNOUNCE_HASHES_MAX,
  parseInfoHash,
} from "../core/index.ts";
import { encodeLocalAnnounce, parseLocalAnnounce } from "./local-announce.ts";

const HASH = "ab".repeat(20);
const hashes = (count: number): string[] => Array.from({ length: count }, (_, at) => at.toString(16).padStart(40, "0"));
const linesOf = (count: number): string[] => ["Port: 1", ...hashes(count).map((hash) => `Infohash: ${hash}`)];
const parse = (...lines: string[]): ReturnType<typeof parseLocalAnnounce> =>
  parseLocalAnnounce(Buffer.from(`BT-SEARCH * HTTP/1.1\r\n${lines.join("\r\n")}\r\n\r\n\r\n`, "latin1"));

test("parseLocalAnnounce() refuses what is no announce, or one without a port or a torrent", () => {
  const port = "Port: 6881";
  const torrent = `Infohash: ${HASH}`;
  for (const lines of [
    [],
    [port],
    [torrent],
    ["Port: 0", torrent],
    ["Port: 65536", torrent],
    ["Port: 6881x", torrent],
    ["Port: -1", torrent],
    [port, "Infohash: ab"],
    [port, `Infohash: ${"zz".repeat(20)}`],
    [port, torrent, `Infohash: ${HASH}00`],
    ["", port, torrent],
  ]) {
    assert.equal(parse(...lines), null, JSON.stringify(lines));
  }
  for (const text of ["", "BT-SEARCH", `GET * HTTP/1.1\r\n${port}\r\n${torrent}\r\n\r\n\r\n`]) {
    assert.equal(parseLocalAnnounce(Buffer.from(text)), null, text);
  }
});

test("parseLocalAnnounce() reads as many torrents and as long a cookie as the limits allow, and nothing above", () => {
  assert.equal(parse(...linesOf(LOCAL_ANNOUNCE_HASHES_MAX))?.infoHashes.length, LOCAL_ANNOUNCE_HASHES_MAX);
  assert.equal(parse(...linesOf(LOCAL_ANNOUNCE_HASHES_MAX + 1)), null);
  const cookie = "c".repeat(LOCAL_ANNOUNCE_COOKIE_BYTES_MAX);
  assert.equal(parse(...linesOf(1), `cookie: ${cookie}`)?.cookie, cookie);
  assert.equal(parse(...linesOf(1), `cookie: ${cookie}c`), null);
  const whole = encodeLocalAnnounce("ipv4", { port: 1, infoHashes: [parseInfoHash(HASH)], cookie: null });
  const padded = (lengthBytes: number): Buffer => Buffer.concat([whole, Buffer.alloc(lengthBytes - whole.length, " ")]);
  assert.notEqual(parseLocalAnnounce(padded(LOCAL_ANNOUNCE_BYTES_MAX)), null);
  assert.equal(parseLocalAnnounce(padded(LOCAL_ANNOUNCE_BYTES_MAX + 1)), null);
});

test("parseLocalAnnounce() takes headers in any case and order, and passes over unknown ones", () => {
  const announce = parse(
    "X-Later: yes",
    `INFOHASH:${HASH.toUpperCase()}`,
    "host: anywhere",
    "no header",
    "port:\t6881 ",
  );
  assert.deepEqual(announce, { port: 6881, infoHashes: [HASH], cookie: null });
});

test("encodeLocalAnnounce() writes what BEP 14 shows, within a datagram, and it reads back", () => {
  const one = encodeLocalAnnounce("ipv6", { port: 6881, infoHashes: [parseInfoHash(HASH)], cookie: "me" });
  assert.equal(
    one.toString(),
    `BT-SEARCH * HTTP/1.1\r\nHost: [ff15::efc0:988f]:6771\r\nPort: 6881\r\nInfohash: ${HASH}\r\ncookie: me\r\n\r\n\r\n`,
  );
  const infoHashes = hashes(LOCAL_ANNOUNCE_HASHES_MAX).map((hash) => parseInfoHash(hash));
  const full = { port: 65_535, infoHashes, cookie: "0123456789abcdef" };
  for (const family of ["ipv4", "ipv6"] as const) {
    const bytes = encodeLocalAnnounce(family, full);
    assert.ok(bytes.length <= LOCAL_ANNOUNCE_BYTES_MAX, `${bytes.length} bytes`);
    assert.deepEqual(parseLocalAnnounce(bytes), full);
  }
});

test("parseLocalAnnounce() throws at nothing", () => {
  const pieces = fc.constantFrom(
    "BT-SEARCH * HTTP/1.1",
    "\r\n",
    "Port: 1",
    `Infohash: ${HASH}`,
    ":",
    " ",
    "\0",
    "cookie:",
  );
  fc.assert(
    fc.property(fc.array(pieces, { maxLength: 20 }), (parts) => void parseLocalAnnounce(Buffer.from(parts.join("")))),
  );
});
