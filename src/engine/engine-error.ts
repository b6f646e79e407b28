// What can go wrong with a torrent beyond its storage and its network, which have errors of their own.

import { CodedError } from "../core/index.ts";
import type { Info } from "../metainfo/index.ts";
import type { PieceStore } from "../storage/index.ts";

export type EngineErrorCode =
  /** The session has a torrent with one of the info-hashes. */
  | "engine.duplicate"
  /** The torrent was stopped before it was done. */
  | "engine.stopped"
  /** The session is disposed. */
  | "engine.closed"
  /** The two halves of a hybrid torrent describe different bytes. */
  | "engine.inconsistent-torrent"
  /** The files to seed do not match the torrent. */
  | "engine.incomplete-seed";

export class EngineError extends CodedError<EngineErrorCode> {}

export function inconsistentTorrent(piece: number): EngineError {
  const message = `Piece ${piece} fits one half of the hybrid torrent and not the other: the torrent was made wrongly.`;
  return new EngineError("engine.inconsistent-torrent", `${message} Ask its publisher for a correct one.`);
}

export function incompleteSeed(info: Info, store: PieceStore): EngineError {
  const have = store.have().reduce((count, byte) => count + byte.toString(2).replaceAll("0", "").length, 0);
  const { pieceCount } = info.layout;
  const message = `${pieceCount - have} of ${pieceCount} pieces of "${store.path}" do not match the torrent.`;
  return new EngineError("engine.incomplete-seed", `${message} Run "upswarm verify" to see which files.`);
}
