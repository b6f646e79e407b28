// The peer protocol: the same bytes mean the same however they are split, and what is held is bounded by what has come.

import assert from "node:assert/strict";
import { parseInfoHash, parsePeerId } from "../../src/core/index.ts";
import type { Random } from "../../src/core/index.ts";
import {
  encodeAllowedFast,
  encodeBare,
  encodeBitfield,
  encodeCancel,
  encodeDhtPort,
  encodeExtended,
  encodeHandshake,
  encodeHashes,
  encodeHashReject,
  encodeHashRequest,
  encodeHave,
  encodeKeepAlive,
  encodeRequest,
  HandshakeParser,
  hashesCount,
  isValidHashRequest,
  parseHandshake,
  PIECE_HEADER_BYTES,
  WireError,
  WireReader,
  writePieceHeader,
} from "../../src/wire/index.ts";
import type { HashRequest } from "../../src/wire/index.ts";
import { RecordingHandler } from "../../src/wire/recording-handler.ts";
import { accepts } from "../target.ts";
import type { FuzzTarget } from "../target.ts";

/** Of a gathered message the room doubles as its bytes come; a reader has a fixed scratch besides. */
const HELD_FIXED_BYTES = 65_536;

const infoHash = parseInfoHash("0123456789abcdef0123456789abcdef01234567");
const peerId = parsePeerId(Buffer.alloc(20, 65));

export const handshake: FuzzTarget = {
  name: "handshake",
  corpus: [
    encodeHandshake({ flags: { fast: true, extension: true, v2: true }, infoHash, peerId }),
    encodeHandshake({ flags: { dht: true }, infoHash, peerId }),
  ],
  tokens: ["BitTorrent protocol", "\u0013"],
  isBencoded: false,
  check: (input, random) =>
    accepts(WireError, () => {
      const whole = parseHandshake(input);
      const parser = new HandshakeParser();
      for (let at = 0; at < input.length && parser.peerId === null;) {
        const end = Math.min(input.length, at + 1 + random.int(30));
        parser.read(input.subarray(at, end), end - at);
        at = end;
      }
      assert.deepEqual([parser.flags, parser.infoHash, parser.peerId], [whole.flags, whole.infoHash, whole.peerId]);
      assert.deepEqual(parseHandshake(encodeHandshake(whole)), whole);
    }),
};

interface Reading {
  readonly calls: readonly string[];
  readonly code: string | null;
}

/** Reads the stream in one go, or in random parts. */
function read(stream: Buffer, pieceCount: number | null, random: Random | null): Reading {
  const handler = new RecordingHandler();
  const reader = new WireReader(handler, { fast: true, extension: true });
  if (pieceCount !== null) reader.setPieceCount(pieceCount);
  for (let at = 0; at < stream.length;) {
    const end = random === null ? stream.length : Math.min(stream.length, at + 1 + random.int(40));
    let code: string | null = null;
    if (!accepts(WireError, () => (code = codeOf(() => reader.read(stream, end, at))))) code = "unknown";
    assert.ok(reader.heldBytes <= HELD_FIXED_BYTES + 2 * end, `${reader.heldBytes} bytes are held of ${end}`);
    if (code !== null) return { calls: handler.calls, code };
    at = end;
  }
  return { calls: handler.calls, code: null };
}

/** The code of what it throws; null where it throws nothing. */
function codeOf(run: () => void): string | null {
  try {
    run();
    return null;
  } catch (error) {
    if (error instanceof WireError) return error.code;
    throw error;
  }
}

function block(length: number): Buffer {
  const bytes = Buffer.alloc(PIECE_HEADER_BYTES + length, 3);
  writePieceHeader(bytes, 0, 1, 16_384, length);
  return bytes;
}

const hashRequest: HashRequest = {
  piecesRoot: Buffer.alloc(32, 9),
  baseLayer: 2,
  index: 512,
  length: 512,
  proofLayers: 3,
};

const messages: readonly Buffer[] = [
  encodeKeepAlive(),
  encodeBare("unchoke"),
  encodeBare("interested"),
  encodeBare("haveAll"),
  encodeHave(3),
  encodeBitfield(Buffer.from([0xf0, 0x80])),
  encodeRequest(1, 0, 16_384),
  encodeCancel(1, 0, 16_384),
  encodeAllowedFast(4),
  encodeDhtPort(6881),
  block(1),
  block(100),
  encodeExtended(0, Buffer.from("de")),
  encodeExtended(3, Buffer.alloc(50, 1)),
  encodeHashRequest(hashRequest),
  encodeHashReject(hashRequest),
  encodeHashes({ ...hashRequest, index: 0, length: 2 }, Buffer.alloc(64, 5)),
];

export const wireStream: FuzzTarget = {
  name: "wire-stream",
  corpus: [Buffer.concat(messages), ...messages],
  tokens: [
    "\u0000\u0000\u0000\u0001",
    "\u0000\u0000\u0000\u0005",
    "\u0000\u0000\u0040\u0009\u0007",
    "\u00ff\u00ff\u00ff\u00ff",
  ],
  isBencoded: false,
  generate: (random) =>
    Buffer.concat(Array.from({ length: 1 + random.int(8) }, () => messages[random.int(messages.length)] ?? block(1))),
  check: (input, random) => {
    const pieceCount = [null, 9, 16, 100][random.int(4)] ?? null;
    const whole = read(input, pieceCount, null);
    assert.deepEqual(read(input, pieceCount, random), whole);
    // With a piece count a bitfield of another length is refused: an input counts as accepted without one.
    return (pieceCount === null ? whole : read(input, null, null)).code === null;
  },
};

/** 32 bytes of root and four numbers, and what follows them. */
export const hashMessages: FuzzTarget = {
  name: "hash-messages",
  corpus: [encodeHashRequest(hashRequest), encodeHashes(hashRequest, Buffer.alloc(32 * 513, 5))],
  tokens: ["\u0015", "\u0016", "\u0017"],
  isBencoded: false,
  generate: (random) => {
    const any = (): number => [0, 1, 2, 3, 511, 512, 513, 2 ** 31, 2 ** 32 - 1][random.int(9)] ?? 0;
    const request = { ...hashRequest, baseLayer: any(), index: any(), length: any(), proofLayers: any() };
    return random.int(2) === 0 ? encodeHashRequest(request) : encodeHashes(request, random.bytes(32 * random.int(4)));
  },
  check: (input) => {
    const handler = new RecordingHandler();
    const seen: HashRequest[] = [];
    const collecting = Object.assign(handler, {
      hashRequest: (request: HashRequest) => seen.push(request),
      hashes: (request: HashRequest, hashes: Buffer) => {
        seen.push(request);
        assert.equal(hashes.length % 32, 0);
      },
    });
    const reader = new WireReader(collecting, { fast: true, extension: true });
    const isRead = accepts(WireError, () => reader.read(input, input.length));
    for (const request of seen) {
      if (!isValidHashRequest(request)) continue;
      // An answer to what is valid is bounded, and its proof is no longer than a tree is high.
      assert.ok(hashesCount(request) <= 8192 + 64, `${hashesCount(request)} hashes`);
      assert.ok(hashesCount(request) >= request.length);
    }
    return isRead;
  },
};
