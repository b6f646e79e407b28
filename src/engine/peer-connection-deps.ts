// What a connection to a peer needs of the session that it belongs to, and of the torrent that owns it.

import type { Clock, InfoHash, PeerId } from "../core/index.ts";
import type { RateLimitChain } from "../net/index.ts";
import type { WireHandler } from "../wire/index.ts";
import type { PeerConnection } from "./peer-connection.ts";

export interface PeerConnectionDeps {
  readonly clock: Clock;
  readonly peerId: PeerId;
  /** Finds the torrent that an inbound peer names; null to refuse. Not called for outbound connections. */
  readonly identify: (connection: PeerConnection, infoHash: InfoHash) => ConnectionOwner | null;
  /** The handshake is done and the owner took the connection. */
  readonly opened: (connection: PeerConnection) => void;
  /** Once, when the connection is over, before its owner hears of it. */
  readonly ended: (connection: PeerConnection) => void;
}

/** What a torrent makes of a connection that asked for it. */
export interface ConnectionOwner {
  readonly downloadLimits: RateLimitChain;
  /** The info-hash that an inbound handshake is answered with. */
  answerTo(infoHash: InfoHash, speaksV2: boolean): InfoHash;
  /** The handshake is done. Returns who gets the messages, or null to close. */
  opened(connection: PeerConnection): PeerMessages | null;
  ended(connection: PeerConnection, reason: string): void;
}

export interface PeerMessages extends WireHandler {
  /** Null before the torrent's metadata is known. */
  readonly pieceCount: number | null;
  /** A batch of bytes was parsed: answer what it asked for. */
  batchEnd(): void;
  /** Bytes were written out: more may follow. */
  drained(): void;
}
