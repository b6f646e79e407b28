// What a torrent tells its listeners.

import type { Info } from "../metainfo/index.ts";
import type { TorrentPhase } from "./options.ts";

/** Name and value of each event: `torrent.on("piece", ({ haveBytes }) => …)`. */
export interface TorrentEvents {
  /** The info dictionary is known and valid. A torrent from a metainfo has it before anybody can listen. */
  readonly metadata: Info;
  /** The phase changed to this one. */
  readonly phase: TorrentPhase;
  /** Piece by piece while downloading: bytes of the payload that are verified, of so many. */
  readonly piece: { readonly haveBytes: number; readonly totalBytes: number };
  /** Everything is verified and stands under its final name. */
  readonly complete: { readonly path: string };
  /** Something is in the way; the torrent goes on by itself, or after `retry` where it is a StorageError (disk full). */
  readonly warning: unknown;
  /** It cannot go on; `completed` is rejected with the same error. */
  readonly failed: unknown;
}
