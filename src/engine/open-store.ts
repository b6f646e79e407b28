// The piece store of a torrent, opened and checked.

import { pieceHash } from "../metainfo/index.ts";
import type { Info } from "../metainfo/index.ts";
import { PieceStore } from "../storage/index.ts";
import type { HashingProgress } from "../storage/index.ts";
import { incompleteSeed } from "./engine-error.ts";
import type { TorrentOptions } from "./options.ts";
import type { SessionParts } from "./session-parts.ts";

export interface OpenStore {
  readonly parts: SessionParts;
  readonly options: TorrentOptions;
  readonly info: Info;
  readonly pieceLayers: ReadonlyMap<string, Buffer>;
  readonly onProgress: (progress: HashingProgress) => void;
  readonly signal: AbortSignal;
}

/** @throws StorageError; EngineError `engine.incomplete-seed`; the signal's reason */
export async function openStore({ parts, options, info, ...rest }: OpenStore): Promise<PieceStore> {
  const { pool, workers, log } = parts;
  const { directory, mode, path, verify = mode === "seed" ? "full" : "resume" } = options;
  const { pieceLayers, onProgress, signal } = rest;
  workers.startOne();
  const store = await PieceStore.open({
    info,
    // A magnet link's hybrid torrent may have to do without the piece layers: its SHA-1s vouch for every byte.
    pieceHash: pieceHash(info, pieceLayers, { sha1Suffices: info.version === "hybrid" }),
    directory,
    path,
    mode,
    verify,
    pool,
    workers,
    log,
    signal,
    onProgress,
  });
  if (mode !== "seed" || store.complete) return store;
  await store[Symbol.asyncDispose]();
  throw incompleteSeed(info, store);
}
