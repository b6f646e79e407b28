import assert from "node:assert/strict";
import { test } from "node:test";
import { parsePeerId } from "../core/index.ts";
import type { InfoHash } from "../core/index.ts";
import type { RateLimitChain, TcpConnection } from "../net/index.ts";
import { encodeHandshake, encodeKeepAlive } from "../wire/index.ts";
import type { ConnectionOwner, PeerMessages } from "./peer-connection-deps.ts";
import { PeerConnection } from "./peer-connection.ts";

const INFO_HASH = Buffer.alloc(20, 7) as unknown as InfoHash;
const PEER_ID = parsePeerId(Buffer.from("-XX0000-000000000001"));
const HANDSHAKE = encodeHandshake({
  infoHash: INFO_HASH,
  peerId: PEER_ID,
  flags: { fast: true, extension: true, v2: false },
});
const TCP = { write: () => {}, close: () => {}, queuedBytes: 0 } as unknown as TcpConnection;
const OWNER = {
  downloadLimits: { isLimited: false, waitMs: () => 0 } as unknown as RateLimitChain,
  answerTo: (infoHash: InfoHash) => infoHash,
  opened: () => ({ pieceCount: null, batchEnd: () => {}, keepAlive: () => {} }) as unknown as PeerMessages,
  ended: () => {},
} satisfies ConnectionOwner;

/** A connection whose clock the test sets. */
function stage(isInbound: boolean): {
  connection: PeerConnection;
  at: (now: number, what: "connected" | Buffer) => void;
} {
  let time = 0;
  const deps = {
    clock: { now: () => time, wallMs: () => 0 },
    peerId: PEER_ID,
    identify: () => OWNER,
    opened: () => {},
    ended: () => {},
  };
  const outbound = isInbound ? null : { owner: OWNER, infoHash: INFO_HASH, offersV2: false };
  const connection = new PeerConnection(deps, { address: "127.0.0.1", port: 1 }, outbound);
  const at = (now: number, what: "connected" | Buffer): void => {
    time = now;
    if (what === "connected") connection.connected(TCP);
    else connection.received(what, what.length);
  };
  return { connection, at };
}

test("PeerConnection counts one round trip of a connection that it made, by the shorter of two", () => {
  for (const [connectedAt, answeredAt, expected] of [
    [300, 640, 300],
    // A first packet was lost.
    [1_300, 1_620, 320],
  ] as const) {
    const { connection, at } = stage(false);
    assert.equal(connection.roundTripMs, 0);
    at(connectedAt, "connected");
    at(answeredAt, HANDSHAKE);
    at(answeredAt + 330, encodeKeepAlive());
    assert.equal(connection.roundTripMs, expected);
    connection.close("The test is over.");
  }
});

test("PeerConnection counts one round trip of a connection that came in, from its own words on", () => {
  const { connection, at } = stage(true);
  at(0, "connected");
  at(50, HANDSHAKE);
  assert.equal(connection.roundTripMs, 0, "What the peer says first answers nothing.");
  at(350, encodeKeepAlive());
  at(900, encodeKeepAlive());
  assert.equal(connection.roundTripMs, 300);
  connection.close("The test is over.");
});

test("PeerConnection does not take the rest of a handshake for an answer", () => {
  const { connection, at } = stage(true);
  at(0, "connected");
  at(50, HANDSHAKE.subarray(0, 48));
  at(51, HANDSHAKE.subarray(48));
  assert.equal(connection.roundTripMs, 0);
  at(351, encodeKeepAlive());
  assert.equal(connection.roundTripMs, 301);
  connection.close("The test is over.");
});
