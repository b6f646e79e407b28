// Peers that ask for much and give nothing: each is held to a named limit, and others are served meanwhile.

import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:net";
import type { AddressInfo } from "node:net";
import { test } from "node:test";
import type { TestContext } from "node:test";
import {
  CONNECTION_BACKLOG_MAX_BYTES,
  endpointOf,
  HASH_REJECTS_WAITING_MAX,
  METADATA_PIECE_BYTES,
  METADATA_SERVED_MAX,
} from "../../src/core/index.ts";
import type { Endpoint, InfoHash } from "../../src/core/index.ts";
import { assertDelivered, download, noise, publish, seed, soon, until } from "../../src/engine/engine-fixture.test.ts";
import type { Published } from "../../src/engine/engine-fixture.test.ts";
import { dial } from "../../src/engine/wire-peer.test.ts";
import type { WirePeer } from "../../src/engine/wire-peer.test.ts";
import {
  encodeBare,
  encodeExtended,
  encodeExtensionHandshake,
  encodeHashRequest,
  encodeHave,
  encodeMetadataRequest,
  encodePeerExchange,
  encodeRequest,
  LOCAL_EXTENSION_IDS,
  parseMetadataMessage,
} from "../../src/wire/index.ts";

function doorOf({ metainfo: { infoHashV1 } }: Published): InfoHash {
  assert.ok(infoHashV1 !== null);
  return infoHashV1;
}

function endpoint(port: number): Endpoint {
  const made = endpointOf("127.0.0.1", port);
  assert.ok(made !== null);
  return made;
}

const hello = encodeExtensionHandshake({ extensions: ["ut_metadata", "ut_pex"] });

test("who asks for the metadata by the thousand and reads nothing is closed, and others are served", async (t) => {
  // More than a piece of metadata.
  const payload = await publish(t, { version: "1", files: noise(14_000_000, "many pieces"), pieceLengthBytes: 16_384 });
  assert.ok(payload.metainfo.infoBytes.length > METADATA_PIECE_BYTES);
  assert.ok(METADATA_SERVED_MAX * METADATA_PIECE_BYTES > 4 * CONNECTION_BACKLOG_MAX_BYTES);
  const { endpoint: at } = await seed(t, payload);
  const peer = await dial(t, at, { infoHash: doorOf(payload), sayFirst: hello });
  await peer.until(() => peer.heard.length > 0);
  peer.socket.pause();
  const request = encodeMetadataRequest(LOCAL_EXTENSION_IDS.ut_metadata, 0);
  peer.send(...Array.from({ length: METADATA_SERVED_MAX }, () => request));
  await soon(once(peer.socket.resume(), "close"), "the one who does not read to be closed");
  const { torrent } = await download(t, payload.metainfo, [at]);
  await assertDelivered(torrent, payload);
});

test("who asks for more metadata than any torrent has is rejected from then on", async (t) => {
  const payload = await publish(t);
  const { endpoint: at } = await seed(t, payload);
  const answers = { data: 0, reject: 0 };
  const onExtended = (_peer: WirePeer, id: number, bytes: Buffer): void => {
    const message = id === LOCAL_EXTENSION_IDS.ut_metadata ? parseMetadataMessage(bytes) : null;
    if (message?.type === "data" || message?.type === "reject") answers[message.type]++;
  };
  const peer = await dial(t, at, { infoHash: doorOf(payload), sayFirst: hello, onExtended });
  await peer.until(() => peer.heard.length > 0);
  const request = encodeMetadataRequest(LOCAL_EXTENSION_IDS.ut_metadata, 0);
  peer.send(...Array.from({ length: METADATA_SERVED_MAX + 10 }, () => request));
  await soon(
    peer.until(() => answers.reject === 10),
    "the rejects",
  );
  assert.equal(answers.data, METADATA_SERVED_MAX);
});

test("of a flood of absurd hash requests a few are rejected, the rest costs nothing, and blocks are served", async (t) => {
  const payload = await publish(t);
  const { endpoint: at } = await seed(t, payload);
  const peer = await dial(t, at, { infoHash: doorOf(payload), sayFirst: hello });
  await peer.until(() => peer.heard.length > 0);
  peer.send(encodeBare("interested"));
  await peer.until(() => peer.isUnchoked);
  const absurd = { baseLayer: 31, index: 2 ** 32 - 2, length: 2 ** 32 - 1, proofLayers: 2 ** 32 - 1 };
  const request = encodeHashRequest({ piecesRoot: Buffer.alloc(32, 7), ...absurd });
  const rejects = (): number => peer.heard.filter((what) => what === "hashReject").length;
  peer.send(...Array.from({ length: 20 * HASH_REJECTS_WAITING_MAX }, () => request), encodeRequest(0, 0, 16_384));
  await soon(
    peer.until(() => peer.received.length === 1),
    "the block",
  );
  await soon(
    peer.until(() => rejects() === HASH_REJECTS_WAITING_MAX),
    "the rejects",
  );
  // One more is rejected again after its time: had the others been kept, they would have come before it.
  peer.send(request);
  await soon(
    peer.until(() => rejects() > HASH_REJECTS_WAITING_MAX),
    "one more reject",
  );
  assert.equal(rejects(), HASH_REJECTS_WAITING_MAX + 1);
});

/** Somebody who is to be knocked at, and how often he was. */
async function victim(t: TestContext): Promise<{ endpoint: Endpoint; knocks: () => number }> {
  let count = 0;
  const server = createServer((socket) => {
    count++;
    socket.on("error", () => {});
    socket.resume();
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  t.after(() => server.close());
  return { endpoint: endpoint((server.address() as AddressInfo).port), knocks: () => count };
}

function naming({ endpoint: named }: { readonly endpoint: Endpoint }): Buffer {
  return encodePeerExchange(LOCAL_EXTENSION_IDS.ut_pex, { added: [{ endpoint: named, flags: 0 }], dropped: [] });
}

test("peer exchanges in a row are one: whom the later ones name is not connected to", async (t) => {
  const payload = await publish(t);
  const { torrent, endpoint: at } = await download(t, payload.metainfo, []);
  const peer = await dial(t, at, { infoHash: doorOf(payload), sayFirst: hello });
  const [first, second, last] = [await victim(t), await victim(t), await victim(t)];
  peer.send(naming(first), ...Array.from({ length: 50 }, () => naming(second)));
  await until(() => first.knocks() > 0, "the first one named is tried");
  torrent.addPeer(last.endpoint);
  await until(() => last.knocks() > 0, "one that was added later is tried");
  assert.equal(second.knocks(), 0);
});

test("floods of haves and of extended messages that nobody knows do not keep a download from ending", async (t) => {
  const payload = await publish(t);
  const honest = await seed(t, payload);
  const { torrent, endpoint: at } = await download(t, payload.metainfo, []);
  const peer = await dial(t, at, { infoHash: doorOf(payload), sayFirst: hello });
  const haves = Buffer.concat(Array.from({ length: 50_000 }, () => encodeHave(3)));
  const unknown = Buffer.concat(Array.from({ length: 5_000 }, () => encodeExtended(77, Buffer.alloc(100))));
  peer.send(haves, unknown);
  torrent.addPeer(honest.endpoint);
  await assertDelivered(torrent, payload);
});
