// Peers that send blocks that are none, blocks that nobody asked for, hashes that lead to no root, or that take without
// reading and promise without giving. Beside each of them somebody is served, or serves.

import assert from "node:assert/strict";
import { test } from "node:test";
import {
  BLOCK_LENGTH_BYTES,
  BUFFER_BUDGET_BYTES,
  CONNECTION_QUEUE_MAX_BYTES,
  SNUB_AFTER_MS,
  truncateInfoHash,
  UNWANTED_BLOCKS_MAX_BYTES,
  UPLOAD_QUEUE_MAX_BLOCKS,
  UPLOAD_UNANSWERED_MS,
} from "../../src/core/index.ts";
import type { InfoHash } from "../../src/core/index.ts";
import {
  assertDelivered,
  download,
  noise,
  openSession,
  publish,
  seed,
  soon,
  until,
} from "../../src/engine/engine-fixture.test.ts";
import type { Published } from "../../src/engine/engine-fixture.test.ts";
import { dial, listen } from "../../src/engine/wire-peer.test.ts";
import type { WirePeer } from "../../src/engine/wire-peer.test.ts";
import { magnetOf, parseMagnet } from "../../src/metainfo/index.ts";
import {
  encodeBare,
  encodeDontHave,
  encodeHashes,
  encodeHave,
  encodeMetadataData,
  encodeRequest,
  LOCAL_EXTENSION_IDS,
  parseMetadataMessage,
  PIECE_HEADER_BYTES,
  writePieceHeader,
} from "../../src/wire/index.ts";
import type { HashRequest } from "../../src/wire/index.ts";
import { AheadClock } from "./ahead-clock.ts";

const LARGE = noise(2_000_000, "large");
const PIECE_BYTES = 65_536;

function doorOf({ metainfo: { infoHashV1, infoHashV2 } }: Published): InfoHash {
  const door = infoHashV1 ?? (infoHashV2 === null ? null : truncateInfoHash(infoHashV2));
  assert.ok(door !== null);
  return door;
}

function block(piece: number, begin: number, lengthBytes: number): Buffer {
  const message = Buffer.alloc(PIECE_HEADER_BYTES + lengthBytes, 7);
  writePieceHeader(message, 0, piece, begin, lengthBytes);
  return message;
}

type Answer = (piece: number, begin: number, lengthBytes: number) => Buffer;
const noBlocks: Readonly<Record<string, Answer>> = {
  "a byte short": (piece, begin, lengthBytes) => block(piece, begin, lengthBytes - 1),
  "a byte long": (piece, begin, lengthBytes) => block(piece, begin, lengthBytes + 1),
  "a megabyte long": (piece, begin, lengthBytes) => block(piece, begin, lengthBytes + 1_000_000),
  empty: (piece, begin) => block(piece, begin, 0),
  "between two places": (piece, begin, lengthBytes) => block(piece, begin + 1, lengthBytes),
  "beyond the end of the piece": (piece, _begin, lengthBytes) => block(piece, PIECE_BYTES, lengthBytes),
  "of a piece that the torrent does not have": (_piece, begin, lengthBytes) => block(1_000_000, begin, lengthBytes),
};

test("a peer whose blocks are no blocks is closed at the first one, and another peer delivers", async (t) => {
  for (const [what, answer] of Object.entries(noBlocks)) {
    await t.test(what, async (inner) => {
      const payload = await publish(inner, { version: "1", files: LARGE, pieceLengthBytes: PIECE_BYTES });
      let answered = 0;
      const liar = await listen(inner, {
        infoHash: doorOf(payload),
        answer: (piece, begin, lengthBytes) => {
          // The answer goes out as it is, instead of as a block.
          liar.peers.at(-1)?.send(answer(piece, begin, lengthBytes));
          answered++;
          return null;
        },
      });
      const { torrent } = await download(inner, payload.metainfo, [liar.endpoint]);
      await until(() => answered > 0, "it was asked");
      await soon(liar.peers[0]?.closed ?? Promise.reject(new Error("nobody came")), "the liar to be closed");
      torrent.addPeer((await seed(inner, payload)).endpoint);
      await assertDelivered(torrent, payload);
      assert.equal(torrent.stats().bytes.hashFailed, 0);
    });
  }
});

test("a peer that sends blocks that nobody asked for is closed when they are too many", async (t) => {
  const payload = await publish(t, { version: "1", files: LARGE, pieceLengthBytes: PIECE_BYTES });
  const { torrent, endpoint, session } = await download(t, payload.metainfo, []);
  const flood = await dial(t, endpoint, { infoHash: doorOf(payload), pieces: [], pieceCount: 31 });
  await until(() => torrent.stats().peers === 1, "it is connected");
  const many = Buffer.concat(Array.from({ length: 64 }, () => block(3, 0, BLOCK_LENGTH_BYTES)));
  let sentBytes = 0;
  while (!flood.socket.destroyed && sentBytes < 4 * UNWANTED_BLOCKS_MAX_BYTES) {
    sentBytes += many.length;
    if (!flood.socket.write(many)) {
      await Promise.race([new Promise((resolve) => flood.socket.once("drain", resolve)), flood.closed]);
    }
  }
  await soon(flood.closed, "the flood to be closed");
  assert.equal(session.bufferBytes, 0, "none of it took memory");
  torrent.addPeer((await seed(t, payload)).endpoint);
  await assertDelivered(torrent, payload);
});

const wrongHashes: Readonly<Record<string, (request: HashRequest) => Buffer>> = {
  "of chance": (request) => noise(32 * (request.length + request.proofLayers), "chance"),
  "all zero": (request) => Buffer.alloc(32 * (request.length + request.proofLayers)),
  "without their proof": (request) => noise(32 * request.length, "short"),
};

test("a peer that answers a request for Merkle hashes with wrong ones is closed, and another one is asked", async (t) => {
  for (const [what, hashesOf] of Object.entries(wrongHashes)) {
    await t.test(what, async (inner) => {
      const payload = await publish(inner, { version: "2", files: LARGE, pieceLengthBytes: PIECE_BYTES });
      const { infoBytes } = payload.metainfo;
      let lies = 0;
      const liar = await listen(inner, {
        infoHash: doorOf(payload),
        metadataSize: infoBytes.length,
        onExtended: (peer, id, bytes) => {
          const message = id === LOCAL_EXTENSION_IDS.ut_metadata ? parseMetadataMessage(bytes) : null;
          if (message?.type === "request") {
            peer.send(encodeMetadataData(LOCAL_EXTENSION_IDS.ut_metadata, message.piece, infoBytes.length, infoBytes));
          }
        },
        onHashRequest: (peer, request) => {
          lies++;
          peer.send(encodeHashes(request, hashesOf(request)));
        },
      });
      const { torrent } = await download(inner, parseMagnet(magnetOf(payload.metainfo)), [liar.endpoint]);
      await until(() => lies > 0, "it was asked for hashes");
      await soon(liar.peers[0]?.closed ?? Promise.reject(new Error("nobody came")), "the liar to be closed");
      assert.equal(torrent.pieceLayers.size, 0, "nothing of it is believed");
      torrent.addPeer((await seed(inner, payload)).endpoint);
      await assertDelivered(torrent, payload);
    });
  }
});

test("peers that ask for everything and read nothing hold little memory, and hold others up for a bounded time", async (t) => {
  const payload = await publish(t, { version: "1", files: noise(34_000_000, "slow"), pieceLengthBytes: 262_144 });
  const clock = new AheadClock();
  const session = await openSession(t, { clock });
  const { endpoint } = await seed(t, payload, {}, session);
  const requests = Array.from({ length: UPLOAD_QUEUE_MAX_BLOCKS }, (_, index) =>
    encodeRequest(Math.floor(index / 16), (index % 16) * BLOCK_LENGTH_BYTES, BLOCK_LENGTH_BYTES),
  );
  const readers: WirePeer[] = [];
  for (let count = 0; count < 4; count++) {
    const reader = await dial(t, endpoint, { infoHash: doorOf(payload), pieces: [], pieceCount: 130 });
    reader.send(encodeBare("interested"));
    await soon(
      reader.until(() => reader.isUnchoked),
      "an unchoke",
    );
    reader.socket.pause();
    reader.send(...requests);
    readers.push(reader);
  }
  const { torrent } = await download(t, payload.metainfo, [endpoint]);
  // Two of them at a time fill what may be on its way, until they have been silent for long.
  for (let waits = 0; waits < readers.length && torrent.phase !== "seeding"; waits++) {
    await clock.put(UPLOAD_UNANSWERED_MS);
  }
  await assertDelivered(torrent, payload);
  assert.ok(session.bufferBytes <= BUFFER_BUDGET_BYTES);
  assert.ok(readers.every(({ socket }) => socket.bytesRead < 2 * CONNECTION_QUEUE_MAX_BYTES));
});

test("peers that take requests and answer none do not keep a download from ending", async (t) => {
  const payload = await publish(t, { version: "1", files: LARGE, pieceLengthBytes: PIECE_BYTES });
  const infoHash = doorOf(payload);
  const silent = await Promise.all(Array.from({ length: 8 }, () => listen(t, { infoHash, answer: () => null })));
  const clock = new AheadClock();
  const session = await openSession(t, { clock });
  const endpoints = silent.map(({ endpoint }) => endpoint);
  const { torrent } = await download(t, payload.metainfo, endpoints, {}, session);
  await until(() => silent.some(({ peers }) => (peers[0]?.requests.length ?? 0) > 0), "they were asked");
  torrent.addPeer((await seed(t, payload)).endpoint);
  await until(() => torrent.stats().seeds > silent.length || torrent.phase === "seeding", "all are connected");
  // Where two of them owe a block in the end game, others are asked for it too before anybody is snubbed.
  await clock.put(SNUB_AFTER_MS / 2);
  await assertDelivered(torrent, payload);
});

test("a flood of haves and their taking back, which goes on and on, does not keep a download from ending", async (t) => {
  const payload = await publish(t, { version: "1", files: LARGE, pieceLengthBytes: PIECE_BYTES });
  const { torrent, endpoint } = await download(t, payload.metainfo, []);
  const flood = await dial(t, endpoint, { infoHash: doorOf(payload), pieces: [], pieceCount: 31 });
  await until(() => torrent.stats().peers === 1, "it is connected");
  const turn = [encodeHave(3), encodeHave(3), encodeDontHave(LOCAL_EXTENSION_IDS.lt_donthave, 3)];
  const turns = Buffer.concat(Array.from({ length: 2_000 }, () => turn).flat());
  let sentBytes = 0;
  const write = (): void => {
    while (!flood.socket.destroyed) {
      sentBytes += turns.length;
      if (!flood.socket.write(turns)) return;
    }
  };
  flood.socket.on("drain", write);
  write();
  await until(() => sentBytes > 2_000_000, "much of it was read");
  torrent.addPeer((await seed(t, payload)).endpoint);
  await assertDelivered(torrent, payload);
  flood.socket.destroy();
});
