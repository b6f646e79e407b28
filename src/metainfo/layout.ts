// All piece and block arithmetic of a torrent, in one immutable value (BEP 3, 47, 52). See Layout in types.ts.
//
// Invariants: the segments of a piece, and the padding between and after them, tile it exactly; no piece consists of
// padding alone; and only this file mints a PieceIndex. Lengths take constant time and allocate nothing: nearly all
// pieces are full, and those that end early stand in a map of at most one entry a file.

import { BLOCK_LENGTH_BYTES } from "../core/index.ts";
import type { PieceIndex } from "../core/index.ts";
import { MetainfoError } from "./errors.ts";
import type { Layout, Segment, TorrentFile } from "./types.ts";

export type LayoutEntry = Omit<TorrentFile, "index" | "offset">;

export interface LayoutInput {
  readonly isFolder: boolean;
  readonly pieceLengthBytes: number;
  /** In the order of the torrent. Lengths are whole and not negative; symlinks have none. */
  readonly entries: readonly LayoutEntry[];
  /**
   * `listed`: files follow each other as listed, pad files included (v1, hybrid). `aligned`: each file with a length
   * begins a piece, and the space ends with a whole piece (v2).
   */
  readonly placement: "listed" | "aligned";
}

/** @throws MetainfoError `metainfo.pad` where a piece would be padding alone, `metainfo.empty` where there is no byte. */
export function createLayout(input: LayoutInput): Layout {
  return new TorrentLayout(input);
}

class TorrentLayout implements Layout {
  readonly isFolder: boolean;
  readonly files: readonly TorrentFile[];
  readonly pieceLengthBytes: number;
  readonly pieceCount: number;
  readonly lengthBytes: number;
  readonly spaceBytes: number;
  readonly blockCountTotal: number;
  /** The regular files that have a length, in order, and where they begin: what binary search runs over. */
  readonly #data: readonly TorrentFile[];
  readonly #starts: Float64Array;
  /** Lengths of the pieces that are not full. */
  readonly #short = new Map<number, number>();

  constructor({ isFolder, pieceLengthBytes, entries, placement }: LayoutInput) {
    this.isFolder = isFolder;
    this.pieceLengthBytes = pieceLengthBytes;
    const aligned = placement === "aligned";
    let offset = 0;
    this.files = entries.map((entry, index) => {
      const file: TorrentFile = { index, ...entry, offset };
      offset += aligned ? roundUp(entry.lengthBytes, pieceLengthBytes) : entry.lengthBytes;
      return file;
    });
    this.spaceBytes = offset;
    this.pieceCount = Math.ceil(offset / pieceLengthBytes);
    this.#data = this.files.filter((file) => file.kind === "regular" && file.lengthBytes > 0);
    this.#starts = Float64Array.from(this.#data, (file) => file.offset);
    this.lengthBytes = this.#data.reduce((sum, file) => sum + file.lengthBytes, 0);
    if (this.lengthBytes === 0)
      throw new MetainfoError("metainfo.empty", "The torrent holds no bytes: all its files are empty.");
    this.#findShortPieces();
    this.blockCountTotal = this.#countBlocks();
  }

  pieceIndex(value: number): PieceIndex | null {
    return Number.isInteger(value) && value >= 0 && value < this.pieceCount ? (value as PieceIndex) : null;
  }

  paddedLength(piece: PieceIndex): number {
    return piece === this.pieceCount - 1 ? this.spaceBytes - piece * this.pieceLengthBytes : this.pieceLengthBytes;
  }

  pieceLength(piece: PieceIndex): number {
    return this.#short.get(piece) ?? this.pieceLengthBytes;
  }

  blockCount(piece: PieceIndex): number {
    return blocksIn(this.pieceLength(piece));
  }

  blockLength(piece: PieceIndex, block: number): number {
    return Math.min(BLOCK_LENGTH_BYTES, this.pieceLength(piece) - block * BLOCK_LENGTH_BYTES);
  }

  isValidRequest(piece: number, begin: number, length: number): boolean {
    const index = this.pieceIndex(piece);
    if (index === null || !Number.isInteger(begin) || !Number.isInteger(length)) return false;
    return begin >= 0 && length >= 1 && length <= BLOCK_LENGTH_BYTES && begin + length <= this.paddedLength(index);
  }

  segments(piece: PieceIndex, begin = 0, length: number = this.pieceLength(piece) - begin): readonly Segment[] {
    const pieceStart = piece * this.pieceLengthBytes;
    const end = pieceStart + Math.min(begin + length, this.pieceLength(piece));
    let at = pieceStart + begin;
    const segments: Segment[] = [];
    for (let i = this.#firstEndingAfter(at); at < end; i++) {
      const file = this.#data[i];
      if (file === undefined || file.offset >= end) break;
      at = Math.max(at, file.offset);
      const stop = Math.min(end, file.offset + file.lengthBytes);
      segments.push({
        fileIndex: file.index,
        fileOffset: at - file.offset,
        pieceOffset: at - pieceStart,
        lengthBytes: stop - at,
      });
      at = stop;
    }
    return segments;
  }

  filePieces(fileIndex: number): { readonly first: number; readonly end: number } {
    const file = this.files[fileIndex];
    if (file === undefined) throw new RangeError(`The torrent has no file ${fileIndex}.`);
    const first = Math.floor(file.offset / this.pieceLengthBytes);
    if (file.lengthBytes === 0) return { first, end: first };
    return { first, end: Math.ceil((file.offset + file.lengthBytes) / this.pieceLengthBytes) };
  }

  fileOfPiece(piece: PieceIndex): TorrentFile {
    // Never undefined: no piece is padding alone, so some file ends after the piece begins.
    return this.#data[this.#firstEndingAfter(piece * this.pieceLengthBytes)] as TorrentFile;
  }

  /** The first file with a length that ends beyond `position`: a position in #data. */
  #firstEndingAfter(position: number): number {
    let low = 0;
    let high = this.#starts.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#starts[middle] as number) <= position) low = middle + 1;
      else high = middle;
    }
    const candidate = this.#data[low - 1];
    return candidate !== undefined && candidate.offset + candidate.lengthBytes > position ? low - 1 : low;
  }

  #findShortPieces(): void {
    let dataEnd = 0;
    for (let i = 0; i <= this.#data.length; i++) {
      const file = this.#data[i];
      const next = file?.offset ?? this.spaceBytes;
      let piece = Math.floor(dataEnd / this.pieceLengthBytes);
      // Every piece that ends inside the padding between two files ends early; only the first can hold data at all.
      for (; piece < this.pieceCount && this.#pieceEnd(piece) <= next; piece++) {
        const length = dataEnd - piece * this.pieceLengthBytes;
        if (length <= 0) throw new MetainfoError("metainfo.pad", `Piece ${piece} consists of padding alone.`);
        if (length < this.pieceLengthBytes) this.#short.set(piece, length);
      }
      if (file !== undefined) dataEnd = file.offset + file.lengthBytes;
    }
  }

  #pieceEnd(piece: number): number {
    return Math.min((piece + 1) * this.pieceLengthBytes, this.spaceBytes);
  }

  #countBlocks(): number {
    const full = blocksIn(this.pieceLengthBytes);
    let total = this.pieceCount * full;
    for (const length of this.#short.values()) total -= full - blocksIn(length);
    return total;
  }
}

function blocksIn(lengthBytes: number): number {
  return Math.ceil(lengthBytes / BLOCK_LENGTH_BYTES);
}

function roundUp(value: number, unit: number): number {
  return Math.ceil(value / unit) * unit;
}
