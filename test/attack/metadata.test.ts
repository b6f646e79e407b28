// Peers that lie about the info dictionary (BEP 9) to whoever comes by a magnet link: about its size, its bytes, or by never
// coming to its end. Another peer has it, and it is taken from there.

import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { test } from "node:test";
import type { TestContext } from "node:test";
import {
  INFO_LENGTH_MAX_BYTES,
  METADATA_PATIENCE_MS,
  METADATA_PIECE_BYTES,
  METADATA_TIMEOUT_MS,
  parseInfoHash,
} from "../../src/core/index.ts";
import { download, next, openSession, until } from "../../src/engine/engine-fixture.test.ts";
import type { Torrent } from "../../src/engine/index.ts";
import { listen } from "../../src/engine/wire-peer.test.ts";
import type { WirePeer } from "../../src/engine/wire-peer.test.ts";
import { file, infoV1 } from "../../src/metainfo/fixture.test.ts";
import { parseMagnet } from "../../src/metainfo/index.ts";
import { encodeMetadataData, LOCAL_EXTENSION_IDS, parseMetadataMessage } from "../../src/wire/index.ts";
import { AheadClock } from "./ahead-clock.ts";

/** Eight pieces of metadata and a rest. */
const info = infoV1(Array.from({ length: 3_500 }, (_, index) => file(`file-${index}`)));
const infoHash = parseInfoHash(createHash("sha1").update(info).digest());
const magnet = parseMagnet(`magnet:?xt=urn:btih:${infoHash}`);
const ID = LOCAL_EXTENSION_IDS.ut_metadata;

function pieceOf(index: number): Buffer {
  return info.subarray(index * METADATA_PIECE_BYTES, (index + 1) * METADATA_PIECE_BYTES);
}

interface Source {
  readonly endpoint: { readonly address: string; readonly port: number };
  readonly peers: readonly WirePeer[];
  /** Pieces that it was asked for. */
  readonly asked: number[];
}

/** A peer that offers metadata and answers requests as told. */
async function source(t: TestContext, metadataSize: number, answer: (piece: number) => Buffer | null): Promise<Source> {
  const asked: number[] = [];
  const onExtended = (peer: WirePeer, id: number, payload: Buffer): void => {
    const message = id === ID ? parseMetadataMessage(payload) : null;
    if (message?.type !== "request") return;
    asked.push(message.piece);
    const bytes = answer(message.piece);
    if (bytes !== null) peer.send(bytes);
  };
  return { ...(await listen(t, { infoHash, metadataSize, onExtended })), asked };
}

const data = (piece: number, bytes = pieceOf(piece), totalBytes = info.length): Buffer =>
  encodeMetadataData(ID, piece, totalBytes, bytes);
const honestly = (t: TestContext): Promise<Source> => source(t, info.length, (piece) => data(piece));

async function assertTakenFrom(honest: Source, torrent: Torrent): Promise<void> {
  const known = next(torrent, "metadata");
  torrent.addPeer(honest.endpoint);
  assert.equal((await known).layout.files.length, 3_500);
  assert.ok(honest.asked.length > 0);
}

interface Liar {
  readonly what: string;
  readonly metadataSize: number;
  readonly answer: (piece: number) => Buffer | null;
}

const liars: readonly Liar[] = [
  { what: "a size of one byte", metadataSize: 1, answer: () => data(0, Buffer.from("d"), 1) },
  { what: "the greatest size", metadataSize: INFO_LENGTH_MAX_BYTES, answer: (piece) => data(piece) },
  { what: "a byte too many", metadataSize: info.length + 1, answer: (piece) => data(piece) },
  {
    what: "pieces that are cut off",
    metadataSize: info.length,
    answer: (piece) => data(piece, pieceOf(piece).subarray(1)),
  },
  {
    what: "pieces of another size in all",
    metadataSize: info.length,
    answer: (piece) => data(piece, pieceOf(piece), 7),
  },
  { what: "pieces in the place of others", metadataSize: info.length, answer: (piece) => data(piece, pieceOf(0)) },
];

for (const { what, metadataSize, answer } of liars) {
  test(`metadata is taken from another peer where one says ${what}`, async (t) => {
    const liar = await source(t, metadataSize, answer);
    const { torrent } = await download(t, magnet, [liar.endpoint]);
    await until(() => liar.asked.length > 0, "it was asked");
    await assertTakenFrom(await honestly(t), torrent);
  });
}

test("a peer that sends the same piece of metadata again and again is left for another one", async (t) => {
  const clock = new AheadClock();
  const liar = await source(t, info.length, (piece) => (piece === 0 ? data(0) : null));
  const session = await openSession(t, { clock });
  const { torrent } = await download(t, magnet, [liar.endpoint], {}, session);
  await until(() => liar.asked.length > 0, "it was asked");
  const askedForFirst = (): number => liar.asked.filter((piece) => piece === 0).length;
  // Given up it is asked anew, as the only one there.
  for (let time = 0; askedForFirst() < 2; time++) {
    assert.ok(time < 8, "it would be listened to for ever");
    liar.peers[0]?.send(data(0));
    await clock.put(METADATA_TIMEOUT_MS - 1_000);
  }
  const taken = assertTakenFrom(await honestly(t), torrent);
  await until(() => torrent.stats().peers === 2, "both are connected");
  await clock.put(METADATA_TIMEOUT_MS);
  await taken;
});

test("a peer that drips metadata, piece by piece, is left for one that was not tried", async (t) => {
  const clock = new AheadClock();
  const liar = await source(t, info.length, () => null);
  const session = await openSession(t, { clock });
  const { torrent } = await download(t, magnet, [liar.endpoint], {}, session);
  await until(() => liar.asked.length > 0, "it was asked");
  const honest = await honestly(t);
  const known = next(torrent, "metadata");
  torrent.addPeer(honest.endpoint);
  await until(() => torrent.stats().peers === 2, "both are connected");
  for (let piece = 0; honest.asked.length === 0; piece++) {
    assert.ok(piece < 8, "it would drip on for long");
    liar.peers[0]?.send(data(piece));
    await clock.put(METADATA_PATIENCE_MS / 2);
  }
  await known;
  assert.equal(torrent.stats().bannedPeers, 0, "slow is no lie");
});
