// What travels between the main thread and an I/O thread. Digests go as hex text and not as Buffers: cloning a small
// Buffer copies the whole pool that it is a slice of. Payload never travels: it lies in shared memory.

import type { FileAccess, FileFault } from "./file-calls.ts";
import type { IoFailure } from "./io-failure.ts";
import type { FileState } from "./resume-trust.ts";

/** A part of a piece in one file. `relative` is "" where the root is itself the file. */
export interface FilePart {
  readonly relative: string;
  readonly fileIndex: number;
  readonly fileOffset: number;
  readonly pieceOffset: number;
  readonly lengthBytes: number;
}

/** Where a piece's bytes are, and how long it is without and with its padding. */
export interface PiecePlace {
  readonly piece: number;
  readonly lengthBytes: number;
  readonly paddedLengthBytes: number;
  /** Leaves of the piece's subtree, zero leaves included. */
  readonly leafCount: number;
  readonly parts: readonly FilePart[];
}

/**
 * Pieces in a row that lie alike: `count` whole pieces of one file, each its length behind the one before; or any one
 * piece. Sixty objects less to make, clone and read for each 16 MiB of a large file.
 */
export interface PlaceRun {
  readonly place: PiecePlace;
  readonly count: number;
}

export interface WriteJob {
  readonly kind: "write";
  readonly root: string;
  readonly place: PiecePlace;
  readonly memory: SharedArrayBuffer;
  /** Hex; null where this half is not there. */
  readonly sha1: string | null;
  readonly sha256: string | null;
  readonly journal: string;
  readonly journalSeed: number;
  /** See FileTimes. */
  readonly times: SharedArrayBuffer;
  /** See local-disk.ts. */
  readonly isOnLocalDisk: boolean;
}

export interface ReadJob {
  readonly kind: "read";
  readonly root: string;
  readonly access: FileAccess;
  readonly place: PiecePlace;
  readonly memory: SharedArrayBuffer;
  /** See local-disk.ts. */
  readonly isOnLocalDisk: boolean;
}

/** Hashes pieces as they are on disk. A file that is missing or short makes its pieces `absent`, or fails the job. */
export interface HashJob {
  readonly kind: "hash";
  readonly root: string;
  readonly access: FileAccess;
  readonly runs: readonly PlaceRun[];
  readonly sha1: boolean;
  readonly sha256: boolean;
  /** Return the leaves too: for one piece. */
  readonly leaves: boolean;
  readonly absentIsError: boolean;
}

export type Job = WriteJob | ReadJob | HashJob;
/** Messages travel several at a time: each errand between threads costs more than what it carries. */
export type Message = { readonly id: number; readonly job: Job } | { readonly closeUnder: string };

export interface WriteResult {
  readonly ok: boolean;
  /** Only where the piece is bad and has a v2 half. */
  readonly leaves: Uint8Array | null;
  readonly inconsistent: boolean;
}

export interface HashResult {
  /** 20 and 32 bytes a piece. */
  readonly sha1: Uint8Array | null;
  readonly sha256: Uint8Array | null;
  /** 1 for a piece that could not be read. */
  readonly absent: Uint8Array;
  readonly leaves: Uint8Array | null;
}

/** The files of the piece as they were right after they were read. */
export type ReadResult = readonly (FileState & { readonly fileIndex: number })[];

export type JobResult = WriteResult | HashResult | ReadResult;
export type Reply =
  | { readonly id: number; readonly result: JobResult }
  | { readonly id: number; readonly failure: IoFailure };

export interface WorkerSettings {
  readonly openFilesMax: number;
  readonly blockBytes: number;
  readonly readBytes: number;
  /** Payload whose records may share one write to the journal. */
  readonly writeBatchBytes: number;
  /** Test only. */
  readonly faults: readonly FileFault[];
}
