import assert from "node:assert/strict";
import { connect } from "node:net";
import { test } from "node:test";
import { HANDSHAKING_PER_ADDRESS_MAX, truncateInfoHash } from "../core/index.ts";
import type { InfoHash } from "../core/index.ts";
import { magnetOf, parseMagnet } from "../metainfo/index.ts";
import type { Metainfo, MetainfoVersion } from "../metainfo/index.ts";
import {
  encodeBare,
  encodeBitfield,
  encodeHave,
  encodeMetadataData,
  encodeReject,
  encodeRequest,
  parseMetadataMessage,
} from "../wire/index.ts";
import { assertDelivered, download, openSession, publish, seed, SINGLE, soon, until } from "./engine-fixture.test.ts";
import { dial, listen } from "./wire-peer.test.ts";
import type { WirePeerOptions } from "./wire-peer.test.ts";

function doorOf({ infoHashV1, infoHashV2 }: Metainfo): InfoHash {
  const infoHash = infoHashV1 ?? (infoHashV2 === null ? null : truncateInfoHash(infoHashV2));
  assert.ok(infoHash !== null);
  return infoHash;
}

/** A block of SINGLE in pieces of 32 KiB; spoilt where `spoil` says so. */
function serve(spoil: (piece: number, begin: number) => boolean): NonNullable<WirePeerOptions["answer"]> {
  return (piece, begin, lengthBytes) => {
    const at = piece * 32_768 + begin;
    const block = Buffer.from(SINGLE.subarray(at, at + lengthBytes));
    if (spoil(piece, begin)) block[0] = (block[0] ?? 0) ^ 1;
    return block;
  };
}

for (const version of ["1", "2", "hybrid"] satisfies MetainfoVersion[]) {
  test(`a peer that alone sent a bad piece is banned at once, and the download goes on: version ${version}`, async (t) => {
    const payload = await publish(t, { version });
    const infoHash = doorOf(payload.metainfo);
    const liar = await listen(t, { infoHash, answer: serve((piece) => piece === 3) });
    const { torrent } = await download(t, payload.metainfo, [liar.endpoint]);
    await until(() => torrent.stats().bannedPeers > 0, "the liar is banned");
    await soon(liar.peers[0]?.closed ?? Promise.reject(new Error("nobody came")), "the liar to be closed");
    assert.ok(torrent.stats().bytes.hashFailed > 0);
    const honest = await seed(t, payload);
    torrent.addPeer(honest.endpoint);
    torrent.addPeer(liar.endpoint);
    await assertDelivered(torrent, payload);
    assert.equal(liar.peers.length, 1, "the liar was not connected to again");
    assert.equal(torrent.stats().bannedPeers, 1);
  });

  test(`of two senders of a bad piece the liar is banned and the innocent one is not: version ${version}`, async (t) => {
    // One piece, so that both are asked for blocks of it.
    const files = SINGLE.subarray(0, 131_072);
    const payload = await publish(t, { version, files, pieceLengthBytes: 131_072 });
    const infoHash = doorOf(payload.metainfo);
    const blockOf = (begin: number, lengthBytes: number): Buffer =>
      Buffer.from(files.subarray(begin, begin + lengthBytes));
    const asked = { liar: 0, honest: 0 };
    // Two bad blocks, and then nothing.
    const liar = await listen(t, {
      infoHash,
      answer: (_piece, begin, lengthBytes) => {
        if (++asked.liar > 2) return null;
        const block = blockOf(begin, lengthBytes);
        block[7] = (block[7] ?? 0) ^ 0x40;
        return block;
      },
    });
    const { torrent } = await download(t, payload.metainfo, [liar.endpoint]);
    await until(() => asked.liar >= 3, "the liar was asked for more than it sends");
    const honest = await listen(t, {
      infoHash,
      answer: (_piece, begin, lengthBytes) => {
        asked.honest++;
        return blockOf(begin, lengthBytes);
      },
    });
    torrent.addPeer(honest.endpoint);
    await until(() => torrent.stats().peers === 2, "both are connected");
    // The liar chokes and takes back what it owes: its blocks stay, and the honest peer completes the piece.
    liar.peers[0]?.send(encodeBare("choke"));
    for (let begin = 0; begin < 131_072; begin += 16_384) liar.peers[0]?.send(encodeReject(0, begin, 16_384));
    await assertDelivered(torrent, payload);
    await until(() => torrent.stats().bannedPeers === 1, "the liar is banned");
    await soon(liar.peers[0]?.closed ?? Promise.reject(new Error("nobody came")), "the liar to be closed");
    assert.ok(torrent.stats().bytes.hashFailed >= files.length);
    assert.ok(asked.honest > 0);
  });
}

test("a peer that makes up the metadata is banned, and the magnet link finds another one", async (t) => {
  const payload = await publish(t);
  const infoHash = doorOf(payload.metainfo);
  const size = payload.metainfo.infoBytes.length;
  const liar = await listen(t, {
    infoHash,
    metadataSize: size,
    onExtended: (peer, id, bytes) => {
      const message = id === 2 ? parseMetadataMessage(bytes) : null;
      if (message?.type === "request") peer.send(encodeMetadataData(2, message.piece, size, Buffer.alloc(size, "x")));
    },
  });
  const { torrent } = await download(t, parseMagnet(magnetOf(payload.metainfo)), [liar.endpoint]);
  await until(() => torrent.stats().bannedPeers === 1, "the liar is banned");
  assert.equal(torrent.phase, "metadata");
  const honest = await seed(t, payload);
  torrent.addPeer(honest.endpoint);
  await assertDelivered(torrent, payload);
});

test("what is no message of the protocol closes its connection and nothing else", async (t) => {
  const payload = await publish(t);
  const infoHash = doorOf(payload.metainfo);
  const { torrent, endpoint } = await seed(t, payload);
  const bad: Record<string, Buffer> = {
    "a length of 4 GiB": Buffer.from("ffffffff00", "hex"),
    "a bitfield that does not fit": encodeBitfield(Buffer.alloc(7, 255)),
    "a bitfield with spare bits": encodeBitfield(Buffer.alloc(2, 255)),
    "a piece that does not exist": Buffer.concat([encodeHave(9)]),
    "an extended message that is no bencode": Buffer.from("0000000514006c6c6c", "hex"),
    "a have of the wrong length": Buffer.from("000000030400", "hex"),
  };
  for (const [what, sayFirst] of Object.entries(bad)) {
    const peer = await dial(t, endpoint, { infoHash, sayFirst });
    await soon(peer.closed, `${what} to be closed`);
  }
  const scanner = await dial(t, endpoint, { infoHash });
  scanner.socket.write("GET / HTTP/1.1\r\n\r\n");
  await soon(scanner.closed, "the scanner to be closed");
  assert.equal(torrent.phase, "seeding");
  const { torrent: late } = await download(t, payload.metainfo, [endpoint]);
  await assertDelivered(late, payload);
});

test("a peer whose early words fit no such torrent is closed when the metadata is known, and only it", async (t) => {
  const payload = await publish(t);
  const infoHash = doorOf(payload.metainfo);
  const { torrent, endpoint } = await download(t, parseMagnet(magnetOf(payload.metainfo)), []);
  const wrongBitfield = await dial(t, endpoint, { infoHash, sayFirst: encodeBitfield(Buffer.alloc(100, 255)) });
  const wrongHave = await dial(t, endpoint, { infoHash, sayFirst: encodeHave(1_000_000) });
  const right = await dial(t, endpoint, { infoHash, sayFirst: encodeHave(1) });
  await until(() => torrent.stats().peers === 3, "all are connected");
  const honest = await seed(t, payload);
  torrent.addPeer(honest.endpoint);
  await assertDelivered(torrent, payload);
  await soon(wrongBitfield.closed, "the wrong bitfield's connection to be closed");
  await soon(wrongHave.closed, "the wrong piece's connection to be closed");
  assert.equal(right.socket.destroyed, false);
});

test("requests for what is not there, or no part of a piece, are rejected", async (t) => {
  const payload = await publish(t);
  const { endpoint } = await seed(t, payload);
  const peer = await dial(t, endpoint, { infoHash: doorOf(payload.metainfo), pieces: [] });
  peer.send(Buffer.from([0, 0, 0, 1, 2]));
  await soon(
    peer.until(() => peer.isUnchoked),
    "an unchoke",
  );
  peer.send(encodeRequest(9, 0, 16_384), encodeRequest(0, 30_000, 16_384), encodeRequest(1, 0, 16_384));
  await soon(
    peer.until(() => peer.received.length > 0),
    "a block",
  );
  assert.deepEqual(
    peer.heard.filter((line) => line.startsWith("reject")),
    ["reject 9", "reject 0"],
  );
  assert.deepEqual(peer.received[0]?.bytes, SINGLE.subarray(32_768, 32_768 + 16_384));
});

test("a peer that stops in the middle of a block does not keep others from sending it", async (t) => {
  const files = SINGLE.subarray(0, 16_384);
  const payload = await publish(t, { files, pieceLengthBytes: 16_384 });
  const infoHash = doorOf(payload.metainfo);
  const stalled = await listen(t, { infoHash, pieces: [0], pieceCount: 1 });
  const { torrent } = await download(t, payload.metainfo, [stalled.endpoint]);
  await until(() => (stalled.peers[0]?.requests.length ?? 0) > 0, "the block is asked for");
  // The head of a piece message and a part of the block; then nothing.
  const head = Buffer.alloc(13);
  head.writeUInt32BE(9 + 16_384, 0);
  head[4] = 7;
  stalled.peers[0]?.send(head, files.subarray(0, 5_000));
  const honest = await seed(t, payload);
  torrent.addPeer(honest.endpoint);
  await assertDelivered(torrent, payload);
  assert.equal(torrent.stats().bannedPeers, 0);
});

test("a connection to ourselves is closed and not tried again", async (t) => {
  const payload = await publish(t);
  const { session, torrent, endpoint } = await download(t, payload.metainfo, []);
  torrent.addPeer(session.listen);
  await until(() => torrent.stats().knownPeers === 0, "our own endpoint is forgotten");
  torrent.addPeer(session.listen);
  assert.equal(torrent.stats().knownPeers, 0);
  assert.equal(torrent.stats().peers, 0);
  assert.equal(endpoint.port, session.listen.port);
});

test("two sessions that connect to each other at once keep one connection", async (t) => {
  const payload = await publish(t);
  const a = await download(t, payload.metainfo, []);
  const b = await download(t, payload.metainfo, []);
  a.torrent.addPeer(b.endpoint);
  b.torrent.addPeer(a.endpoint);
  await until(() => a.torrent.stats().peers === 1 && b.torrent.stats().peers === 1, "both see one peer");
  const c = await seed(t, payload, {}, await openSession(t));
  a.torrent.addPeer(c.endpoint);
  await assertDelivered(a.torrent, payload);
  await assertDelivered(b.torrent, payload);
});

test("one address cannot hold more than its share of unfinished handshakes", async (t) => {
  const { listen: endpoint } = await openSession(t);
  const sockets = Array.from({ length: HANDSHAKING_PER_ADDRESS_MAX + 5 }, () =>
    connect({ host: endpoint.address, port: endpoint.port }),
  );
  t.after(() => sockets.forEach((socket) => socket.destroy()));
  let closed = 0;
  for (const socket of sockets) socket.on("error", () => {}).once("close", () => closed++);
  await until(() => closed === 5, "those beyond the limit are closed");
  assert.equal(sockets.filter((socket) => socket.destroyed).length, 5);
});
