// The hashes of a payload that is to become a torrent: SHA-1s of its pieces (BEP 3), piece layers and roots of its files
// (BEP 52). Every byte is read once, on all I/O threads. A file that changes meanwhile is an error: the torrent would
// name bytes that nobody has.

import { merkleRoot, pieceLevel, type Layout, type Payload, type PayloadHashes } from "../metainfo/index.ts";
import { absolutePath, allPieces, relativePath } from "./artifact.ts";
import { hashPieces, type HashingProgress } from "./payload-hashing.ts";
import { examineFiles, type FileOnDisk } from "./payload-files.ts";
import { StorageError, withStorageErrors } from "./storage-error.ts";
import type { StorageWorkers } from "./storage-workers.ts";

export interface HashPayloadOptions {
  /** PayloadScan.path */
  readonly path: string;
  readonly payload: Payload;
  readonly workers: StorageWorkers;
  readonly onProgress?: ((progress: HashingProgress) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
}

export interface HashedPayload extends PayloadHashes {
  /** By pieces root (hex), 32 bytes a piece, for files longer than a piece. Null for v1. */
  readonly pieceLayers: ReadonlyMap<string, Buffer> | null;
}

/** @throws StorageError; or the signal's reason */
export async function hashPayload(options: HashPayloadOptions): Promise<HashedPayload> {
  const { path: root, payload, workers, onProgress, signal } = options;
  const { layout, version } = payload;
  const before = await withStorageErrors(root, () => examineFiles(layout, root));
  for (const file of layout.files) {
    const hasLength = file.kind !== "regular" || before[file.index]?.sizeBytes === file.lengthBytes;
    if (!hasLength) throw changed(layout, root, file.index);
  }
  const sha1s = version === "2" ? null : Buffer.alloc(layout.pieceCount * 20);
  const roots = version === "1" ? null : Buffer.alloc(layout.pieceCount * 32);
  const wanted = { sha1: sha1s !== null, sha256: roots !== null, absentIsError: true, access: "read" } as const;
  try {
    await hashPieces(
      { layout, root, workers, onProgress, signal, ...wanted },
      [...allPieces(layout)],
      (piece, { sha1, sha256 }, at) => {
        if (sha1s !== null) sha1?.copy(sha1s, piece * 20, at * 20, at * 20 + 20);
        if (roots !== null) sha256?.copy(roots, piece * 32, at * 32, at * 32 + 32);
      },
    );
  } finally {
    workers.closeFiles(root);
  }
  const after = await withStorageErrors(root, () => examineFiles(layout, root));
  for (const file of layout.files) {
    if (!isUnchanged(before[file.index], after[file.index])) throw changed(layout, root, file.index);
  }
  return { pieces: sha1s, ...(roots === null ? { piecesRoots: null, pieceLayers: null } : fileTrees(layout, roots)) };
}

function fileTrees(
  layout: Layout,
  pieceRoots: Buffer,
): { piecesRoots: readonly (Buffer | null)[]; pieceLayers: ReadonlyMap<string, Buffer> } {
  const pieceLayers = new Map<string, Buffer>();
  const piecesRoots = layout.files.map((file) => {
    if (file.kind !== "regular" || file.lengthBytes === 0) return null;
    const { first, end } = layout.filePieces(file.index);
    const layer = pieceRoots.subarray(first * 32, end * 32);
    if (file.lengthBytes <= layout.pieceLengthBytes) return layer;
    const root = merkleRoot(layer, pieceLevel(layout.pieceLengthBytes));
    pieceLayers.set(root.toString("hex"), layer);
    return root;
  });
  return { piecesRoots, pieceLayers };
}

function isUnchanged(before: FileOnDisk | null | undefined, after: FileOnDisk | null | undefined): boolean {
  return before?.sizeBytes === after?.sizeBytes && before?.modifiedNs === after?.modifiedNs;
}

function changed(layout: Layout, root: string, fileIndex: number): StorageError {
  const file = layout.files[fileIndex];
  const path = file === undefined ? root : absolutePath(root, relativePath(layout, file));
  return new StorageError(
    "storage.changed",
    `The file changed while it was hashed. Start again when it is at rest: ${path}`,
    {
      retryable: true,
    },
  );
}
