// What the swarm decides and somebody else performs: the engine on sockets and disks, a simulation in virtual time.
// Calls come synchronously out of the methods of Swarm and must not call back into it.

import type { SwarmPeer } from "./peer.ts";

export type DisconnectReason =
  /** It sent data that failed its hash, and it was it. */
  | "bad-data"
  /** Both ends have everything: nothing will ever flow. */
  | "both-complete";

export interface SwarmEffects {
  sendInterested(peer: SwarmPeer, interested: boolean): void;
  sendChoke(peer: SwarmPeer, choked: boolean): void;
  sendRequest(peer: SwarmPeer, piece: number, begin: number, lengthBytes: number): void;
  sendCancel(peer: SwarmPeer, piece: number, begin: number, lengthBytes: number): void;
  /** `reject` (BEP 6): the request will not be served. Only for peers that are `fast`. */
  sendReject(peer: SwarmPeer, piece: number, begin: number, lengthBytes: number): void;
  sendHave(peer: SwarmPeer, piece: number): void;
  /** `suggest` (BEP 6), before the `have` of a piece that is shown to this peer alone. Only for peers that are `fast`. */
  sendSuggest(peer: SwarmPeer, piece: number): void;
  /** A piece is about to be requested: find memory for it. False where there is none now; the swarm asks again later. */
  openPiece(piece: number): boolean;
  /** The piece will not be finished now: its memory may go. */
  dropPiece(piece: number): void;
  /** Every block is in memory: hash it and, where it is good, write it; then call pieceVerified or pieceFailed. */
  checkPiece(piece: number): void;
  /** The peer is of no use or a liar. The engine closes the connection and calls removePeer. */
  disconnect(peer: SwarmPeer, reason: DisconnectReason): void;
}
