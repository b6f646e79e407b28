// What a connection to a peer needs of the session that owns it.

import type { Clock, InfoHash, PeerId } from "../core/index.ts";
import type { ConnectionOwner, PeerConnection } from "./peer-connection.ts";

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
