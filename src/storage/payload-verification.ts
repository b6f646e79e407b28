// A payload on disk against its torrent, for a person who wants to know what is wrong. Never writes.

import { realpath } from "node:fs/promises";
import type { Info } from "../metainfo/index.ts";
import { allPieces, type PieceHashSource } from "./artifact.ts";
import { findFlaws, type FileFlaw } from "./completion.ts";
import { checkPieces, type HashingProgress } from "./payload-hashing.ts";
import { examineFiles } from "./payload-files.ts";
import { withStorageErrors } from "./storage-error.ts";
import type { StorageWorkers } from "./storage-workers.ts";

export interface VerifyPayloadOptions {
  readonly workers: StorageWorkers;
  readonly onProgress?: ((progress: HashingProgress) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
}

export interface BadFile {
  readonly fileIndex: number;
  /** Path elements below the payload's folder; for a single file its name. */
  readonly path: readonly string[];
  readonly reason: FileFlaw | "hash";
}

export interface PayloadVerdict {
  readonly goodPieces: number;
  /** Ascending. */
  readonly badPieces: readonly number[];
  /**
   * A v1 piece may span files: where it is bad and one of its files is missing or of a wrong length, only that one is
   * named.
   */
  readonly badFiles: readonly BadFile[];
}

/** @throws StorageError where `path` does not exist or cannot be read; or the signal's reason */
export async function verifyPayload(
  info: Info,
  pieceHash: PieceHashSource,
  path: string,
  options: VerifyPayloadOptions,
): Promise<PayloadVerdict> {
  const { layout } = info;
  const { workers, onProgress, signal } = options;
  const root = await withStorageErrors(path, () => realpath(path));
  const states = await withStorageErrors(root, () => examineFiles(layout, root));
  const flaws = new Map<number, FileFlaw | "hash">(
    await withStorageErrors(root, () => findFlaws(layout, root, states)),
  );
  const pieces = [...allPieces(layout)];
  let good: ReadonlySet<number>;
  try {
    good = new Set(await checkPieces({ layout, root, access: "read", workers, onProgress, signal }, pieces, pieceHash));
  } finally {
    workers.closeFiles(root);
  }
  const badPieces = pieces.filter((piece) => !good.has(piece));
  for (const piece of badPieces) {
    const files = layout.segments(piece).map(({ fileIndex }) => fileIndex);
    const isExplained = files.some((file) => flaws.get(file) === "missing" || flaws.get(file) === "length");
    if (!isExplained) for (const file of files) flaws.set(file, "hash");
  }
  const badFiles = layout.files.flatMap((file): BadFile[] => {
    const reason = flaws.get(file.index);
    return reason === undefined ? [] : [{ fileIndex: file.index, path: file.path, reason }];
  });
  return { goodPieces: good.size, badPieces, badFiles };
}
