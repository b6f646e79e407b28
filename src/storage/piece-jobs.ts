// What an I/O thread does with what is on disk: reads pieces, or hashes them. What lies between the files' parts of a
// piece is padding and reads as zero.

import { createHash } from "node:crypto";
import type { FileAccess, FileCalls } from "./file-calls.ts";
import type { FileTable } from "./file-table.ts";
import { shortFile } from "./io-failure.ts";
import { digestLeaves, LEAF_BYTES, SHA1_BYTES, sha1Into, subtreeRoot, updateZeros } from "./piece-digest.ts";
import { pieceCountOf, placeInRun, zeroGaps } from "./piece-place.ts";
import type { HashJob, HashResult, JobResult, PiecePlace, ReadJob, ReadResult, WorkerSettings } from "./worker-job.ts";

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

  run(job: ReadJob | HashJob): JobResult {
    return job.kind === "hash" ? this.#hash(job) : this.read(job);
  }

  /** @throws an error with a code, as the file calls do */
  read(job: ReadJob): ReadResult {
    const bytes = Buffer.from(job.memory, 0, job.place.lengthBytes);
    this.#readRange(job.root, job.access, job.place, 0, bytes);
    return job.place.parts.map(({ fileIndex, relative }) => {
      const { sizeBytes, modifiedNs } = this.#calls.stateOf(this.#files.get(job.root, relative, job.access));
      return { fileIndex, sizeBytes, modifiedNs };
    });
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
        if (count === 0) throw shortFile(root, part.relative);
        at += count;
      }
    }
  }

  #hash(job: HashJob): HashResult {
    const count = pieceCountOf(job.runs);
    const sha1 = job.sha1 ? Buffer.alloc(count * SHA1_BYTES) : null;
    const sha256 = job.sha256 ? Buffer.alloc(count * LEAF_BYTES) : null;
    const absent = new Uint8Array(count);
    let leaves: Buffer | null = null;
    let index = 0;
    for (const run of job.runs) {
      for (let at = 0; at < run.count; at++, index++) {
        const place = placeInRun(run, at);
        try {
          const pieceLeaves = this.#hashPlace(job, place, sha1, index * SHA1_BYTES);
          if (sha256 !== null && pieceLeaves !== null) {
            subtreeRoot(pieceLeaves, place.leafCount).copy(sha256, index * LEAF_BYTES);
          }
          if (job.leaves) leaves = pieceLeaves;
        } catch (error) {
          if (job.absentIsError || !isAbsence(error)) throw error;
          absent[index] = 1;
        }
      }
    }
    return { sha1, sha256, absent, leaves };
  }

  /** Writes the piece's SHA-1 where it is wanted. Returns its leaves where they are. */
  #hashPlace(job: HashJob, place: PiecePlace, sha1: Buffer | null, sha1At: number): Buffer | null {
    const { blockBytes, readBytes } = this.#settings;
    this.#scratch ??= Buffer.allocUnsafeSlow(readBytes);
    const leaves =
      job.sha256 || job.leaves ? Buffer.alloc(Math.ceil(place.lengthBytes / blockBytes) * LEAF_BYTES) : null;
    const state = sha1 !== null && place.lengthBytes > readBytes ? createHash("sha1") : null;
    for (let begin = 0; begin < place.lengthBytes; begin += readBytes) {
      const bytes = this.#scratch.subarray(0, Math.min(readBytes, place.lengthBytes - begin));
      this.#readRange(job.root, job.access, place, begin, bytes);
      if (state !== null) state.update(bytes);
      else if (sha1 !== null) sha1Into(sha1, sha1At, bytes, place.paddedLengthBytes);
      if (leaves !== null) digestLeaves(bytes, blockBytes, leaves, begin / blockBytes);
    }
    if (state !== null && sha1 !== null) {
      updateZeros(state, place.paddedLengthBytes - place.lengthBytes);
      state.digest().copy(sha1, sha1At);
    }
    return leaves;
  }
}

function isAbsence(error: unknown): boolean {
  const { code } = error as NodeJS.ErrnoException;
  return code === "ESHORT" || code === "ENOENT" || code === "ENOTDIR" || code === "ENOTFILE" || code === "ELOOP";
}
