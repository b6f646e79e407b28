// What the session of one peer needs of its torrent: who we are, and where the messages go that are not for the swarm.

import type { Clock } from "../core/index.ts";
import type { ExtensionHandshake, HashRequest } from "../wire/index.ts";
import type { PeerSession } from "./peer-session.ts";

export interface SessionHost {
  readonly clock: Clock;
  readonly clientName: string;
  readonly listenPort: number;
  readonly isPrivate: boolean;
  /** The name of our site. */
  readonly site: string | null;
  readonly isComplete: boolean;
  /** Bytes of the info dictionary behind the peer's door; null where it is not known. */
  metadataSize(session: PeerSession): number | null;
  extensionHandshake(session: PeerSession, message: ExtensionHandshake): void;
  metadataMessage(session: PeerSession, payload: Buffer): void;
  peerExchange(session: PeerSession, payload: Buffer): void;
  hashRequest(session: PeerSession, request: HashRequest): void;
  hashes(session: PeerSession, request: HashRequest, hashes: Buffer): void;
  hashReject(session: PeerSession, request: HashRequest): void;
}
