// What an I/O thread does with one job: hash, compare, write, record; read; or hash what is on disk.
//
// Invariants: nothing is written before it is known to be good, and a piece's journal record follows its data. What
// lies between the files' parts of a piece is padding: it is zero, whatever was received, because that is what reading
// it back gives.

import { createHash } from "node:crypto";
import type { FileAccess, FileCalls } from "./file-calls.ts";
import type { FileTable } from "./file-table.ts";
import { ioError } from "./io-failure.ts";
import { encodeRecord, type JournalEntry } from "./journal-record.ts";
import { digestLeaves, LEAF_BYTES, paddedSha1, subtreeRoot, updateZeros } from "./piece-digest.ts";
import type {
  FilePart,
  HashJob,
  HashResult,
  Job,
  JobResult,
  PiecePlace,
  WorkerSettings,
  WriteJob,
  WriteResult,
} from "./worker-job.ts";

export class PieceJobs {
  readonly #calls: FileCalls;
  readonly #files: FileTable;
  readonly #settings: WorkerSettings;
  #scratch: Buffer | null = null;

  constructor(calls: FileCalls, files: FileTable, settings: WorkerSettings) {
    this.#calls = calls;
    this.#files = files;
    this.#settings = settings;
  }

  run(job: Job): JobResult {
    if (job.kind === "write") return this.#write(job);
    if (job.kind === "hash") return this.#hash(job);
    const bytes = Buffer.from(job.memory, 0, job.place.lengthBytes);
    this.#readRange(job.root, job.access, job.place, 0, bytes);
    return null;
  }

  #write(job: WriteJob): WriteResult {
    const bytes = Buffer.from(job.memory, 0, job.place.lengthBytes);
    zeroGaps(job.place, 0, bytes);
    const checked = checkPiece(job, bytes, this.#settings.blockBytes);
    if (!checked.ok) return checked;
    const { root, place, journal, journalSeed } = job;
    const intent = { fileIndex: 0, value: BigInt(Date.now()) * 1_000_000n };
    this.#record(journal, encodeRecord({ type: "intent", piece: place.piece, entries: [intent] }, journalSeed));
    const entries: JournalEntry[] = [];
    for (const part of place.parts) {
      const fd = this.#files.get(root, part.relative, "write");
      const end = part.pieceOffset + part.lengthBytes;
      for (let at = part.pieceOffset; at < end;) {
        at += this.#calls.write(fd, bytes.subarray(at, end), part.fileOffset + at - part.pieceOffset);
      }
    }
    for (const part of place.parts) {
      const fd = this.#files.get(root, part.relative, "write");
      entries.push({ fileIndex: part.fileIndex, value: this.#calls.modifiedNs(fd) });
    }
    this.#record(journal, encodeRecord({ type: "piece", piece: place.piece, entries }, journalSeed));
    return checked;
  }

  /** One write, so that records of several threads never mix. A short one is damage that the reader skips. */
  #record(journal: string, record: Buffer): void {
    const written = this.#calls.append(this.#files.get(journal, "", "append"), record);
    if (written === record.length) return;
    throw ioError("ENOSPC", journal, "the journal was cut short");
  }

  /** Fills `into` with the piece's bytes from `begin` on. */
  #readRange(root: string, access: FileAccess, place: PiecePlace, begin: number, into: Buffer): void {
    zeroGaps(place, begin, into);
    const end = begin + into.length;
    for (const part of place.parts) {
      let at = Math.max(part.pieceOffset, begin);
      const partEnd = Math.min(part.pieceOffset + part.lengthBytes, end);
      if (at >= partEnd) continue;
      const fd = this.#files.get(root, part.relative, access);
      while (at < partEnd) {
        const position = part.fileOffset + at - part.pieceOffset;
        const count = this.#calls.read(fd, into.subarray(at - begin, partEnd - begin), position);
        if (count === 0) throw shortFile(root, part);
        at += count;
      }
    }
  }

  #hash(job: HashJob): HashResult {
    const count = job.places.length;
    const sha1 = job.sha1 ? Buffer.alloc(count * 20) : null;
    const sha256 = job.sha256 ? Buffer.alloc(count * LEAF_BYTES) : null;
    const absent = new Uint8Array(count);
    let leaves: Buffer | null = null;
    for (const [index, place] of job.places.entries()) {
      try {
        const digests = this.#hashPlace(job, place);
        if (sha1 !== null) digests.sha1?.copy(sha1, index * 20);
        if (sha256 !== null && digests.leaves !== null) {
          subtreeRoot(digests.leaves, place.leafCount).copy(sha256, index * LEAF_BYTES);
        }
        if (job.leaves) leaves = digests.leaves;
      } catch (error) {
        if (job.absentIsError || !isAbsence(error)) throw error;
        absent[index] = 1;
      }
    }
    return { sha1, sha256, absent, leaves };
  }

  #hashPlace(job: HashJob, place: PiecePlace): { sha1: Buffer | null; leaves: Buffer | null } {
    const { blockBytes, readBytes } = this.#settings;
    this.#scratch ??= Buffer.allocUnsafeSlow(readBytes);
    const leaves =
      job.sha256 || job.leaves ? Buffer.alloc(Math.ceil(place.lengthBytes / blockBytes) * LEAF_BYTES) : null;
    const state = job.sha1 && place.lengthBytes > readBytes ? createHash("sha1") : null;
    let sha1: Buffer | null = null;
    for (let begin = 0; begin < place.lengthBytes; begin += readBytes) {
      const bytes = this.#scratch.subarray(0, Math.min(readBytes, place.lengthBytes - begin));
      this.#readRange(job.root, job.access, place, begin, bytes);
      if (state !== null) state.update(bytes);
      else if (job.sha1) sha1 = paddedSha1(bytes, place.paddedLengthBytes);
      if (leaves !== null) digestLeaves(bytes, blockBytes, leaves, begin / blockBytes);
    }
    if (state !== null) {
      updateZeros(state, place.paddedLengthBytes - place.lengthBytes);
      sha1 = state.digest();
    }
    return { sha1, leaves };
  }
}

/** BEP 52 wants both halves of a hybrid checked; that they disagree is the publisher's fault and no peer's. */
function checkPiece(job: WriteJob, bytes: Buffer, blockBytes: number): WriteResult {
  const { place } = job;
  const isGood1 = job.sha1 === null || paddedSha1(bytes, place.paddedLengthBytes).toString("hex") === job.sha1;
  if (job.sha256 === null) return { ok: isGood1, leaves: null, inconsistent: false };
  const leaves = Buffer.allocUnsafeSlow(Math.ceil(bytes.length / blockBytes) * LEAF_BYTES);
  digestLeaves(bytes, blockBytes, leaves, 0);
  const isGood2 = subtreeRoot(leaves, place.leafCount).toString("hex") === job.sha256;
  if (isGood1 && isGood2) return { ok: true, leaves: null, inconsistent: false };
  return { ok: false, leaves, inconsistent: job.sha1 !== null && isGood1 !== isGood2 };
}

/** Zeros what no file's part covers of [begin, begin + bytes.length). The parts are in order. */
function zeroGaps(place: PiecePlace, begin: number, bytes: Buffer): void {
  const end = begin + bytes.length;
  let at = begin;
  for (const part of place.parts) {
    if (part.pieceOffset > at) bytes.fill(0, at - begin, Math.min(part.pieceOffset, end) - begin);
    at = Math.max(at, part.pieceOffset + part.lengthBytes);
    if (at >= end) return;
  }
  bytes.fill(0, at - begin);
}

function shortFile(root: string, part: FilePart): Error {
  const path = part.relative === "" ? root : `${root}/${part.relative}`;
  return ioError("ESHORT", path, "the file ends too early");
}

function isAbsence(error: unknown): boolean {
  const { code } = error as NodeJS.ErrnoException;
  return code === "ESHORT" || code === "ENOENT" || code === "ENOTDIR" || code === "ENOTFILE" || code === "ELOOP";
}
