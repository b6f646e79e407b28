// What a torrent is once its metainfo was validated. Every value here is immutable.

import type { InfoHash, InfoHashV2, PieceIndex } from "../core/index.ts";

export type MetainfoVersion = "1" | "2" | "hybrid";

/** One entry of the torrent. `regular` files with a length own a range of the piece space; the rest own nothing. */
export interface TorrentFile {
  readonly index: number;
  readonly kind: "regular" | "pad" | "symlink";
  /** Path elements below the torrent's name; for a single-file torrent just [name]. Validated: safe on every system. */
  readonly path: readonly string[];
  readonly lengthBytes: number;
  /** Where the file begins in the piece space. */
  readonly offset: number;
  readonly executable: boolean;
  /** Path elements of a symlink's target from the torrent's root (BEP 47). It stays inside the tree. */
  readonly symlinkTarget: readonly string[] | null;
  /** Root of the file's Merkle tree, 32 bytes: v2 and hybrid, non-empty regular files (BEP 52). */
  readonly piecesRoot: Buffer | null;
}

/** A part of a piece that lies in one file. Pad files' parts are left out: they are zeros and nobody stores them. */
export interface Segment {
  readonly fileIndex: number;
  readonly fileOffset: number;
  readonly pieceOffset: number;
  readonly lengthBytes: number;
}

/**
 * All piece and block arithmetic, in one immutable value; only it mints piece indices.
 * The piece space is that of the v1 half, pad files included; a v2-only torrent gets the same space with virtual
 * padding. Padding at the end of a piece is never requested, stored or counted.
 */
export interface Layout {
  /** True where `name` is a folder that holds the files; false for a single file called `name`. */
  readonly isFolder: boolean;
  readonly files: readonly TorrentFile[];
  readonly pieceLengthBytes: number;
  readonly pieceCount: number;
  /** Bytes of the regular files: what a person means by the size. */
  readonly lengthBytes: number;
  /** Bytes of the piece space, pad files included. */
  readonly spaceBytes: number;

  /** The index, or null where it is not one of this torrent. */
  pieceIndex(value: number): PieceIndex | null;
  /** Bytes of the piece as v1 hashes it, padding included (the last piece of the space may be short). */
  paddedLength(piece: PieceIndex): number;
  /** Bytes of the piece up to the last byte that is not padding: what is requested, stored and hashed by v2. */
  pieceLength(piece: PieceIndex): number;
  /** ceil(pieceLength / 16 KiB) */
  blockCount(piece: PieceIndex): number;
  blockLength(piece: PieceIndex, block: number): number;
  /** The sum of blockCount over all pieces. */
  readonly blockCountTotal: number;
  /** True where [begin, begin + length) lies in the padded piece and 1 ≤ length ≤ 16 KiB: what a peer may request. */
  isValidRequest(piece: number, begin: number, length: number): boolean;
  /** The files' parts of [begin, begin + length) of a piece, in order, without padding. */
  segments(piece: PieceIndex, begin?: number, length?: number): readonly Segment[];
  /** First piece and one past the last piece that a file touches. */
  filePieces(fileIndex: number): { readonly first: number; readonly end: number };
  /** The regular file whose Merkle tree covers the piece (v2 and hybrid: exactly one). */
  fileOfPiece(piece: PieceIndex): TorrentFile;
}

/** What a piece's bytes are checked against. Both are present for a hybrid torrent and both are checked. */
export interface PieceHash {
  /** 20 bytes, over paddedLength bytes (BEP 3). */
  readonly sha1: Buffer | null;
  /**
   * 32 bytes, over pieceLength bytes: the root of the piece's subtree (BEP 52). `leafCount` is the number of leaves
   * that the subtree is padded to with zero hashes: pieceLength / 16 KiB, or for a file no longer than a piece the
   * next power of two of its block count.
   */
  readonly sha256: Buffer | null;
  readonly leafCount: number;
}

/** The info dictionary, validated: all that the info-hash vouches for. */
export interface Info {
  readonly version: MetainfoVersion;
  readonly infoHashV1: InfoHash | null;
  readonly infoHashV2: InfoHashV2 | null;
  /** The bencoded info dictionary as received: what BEP 9 sends and the info-hashes are of. */
  readonly infoBytes: Buffer;
  readonly name: string;
  readonly private: boolean;
  readonly layout: Layout;
  /** 20 bytes a piece; null for v2-only. */
  readonly pieces: Buffer | null;
}

/** A whole metainfo file. */
export interface Metainfo extends Info {
  /** By pieces root (hex), 32 bytes a piece: for each file longer than a piece. Null for v1. */
  readonly pieceLayers: ReadonlyMap<string, Buffer> | null;
  /** Tiers (BEP 12); `announce` alone is one tier of one. */
  readonly trackers: readonly (readonly string[])[];
  /** `url-list` (BEP 19). */
  readonly webSeeds: readonly string[];
  readonly comment: string | null;
  readonly createdBy: string | null;
  /** Seconds since 1970. */
  readonly creationDate: number | null;
}
