// What an I/O thread does with pieces that came: hash, compare, write, record. Several small ones are done in one go, since
// the records around their data then cost two appends and one look at each file instead of so many a piece.
//
// Invariants: nothing is written before it is known to be good; every intent is in the journal before the first byte of
// its piece is written, and a piece's own record follows its data (see resume-trust.ts); what fails one piece fails no
// other, except that a journal that cannot be written fails all of them. What lies between the files' parts of a piece is padding: it is zero,
// whatever was received, because that is what reading it back gives.

import type { FileCalls } from "./file-calls.ts";
import { FileTimes } from "./file-times.ts";
import type { FileTable } from "./file-table.ts";
import { ioError, shortFile } from "./io-failure.ts";
import { encodeRecord, type JournalEntry } from "./journal-record.ts";
import { digestLeaves, LEAF_BYTES, paddedSha1, subtreeRoot } from "./piece-digest.ts";
import { zeroGaps } from "./piece-place.ts";
import type { FilePart, WriteJob, WriteResult } from "./worker-job.ts";

export type WriteOutcome = { readonly result: WriteResult } | { readonly error: unknown };

export class PieceWrites {
  readonly #calls: FileCalls;
  readonly #files: FileTable;
  readonly #blockBytes: number;

  constructor(calls: FileCalls, files: FileTable, blockBytes: number) {
    this.#calls = calls;
    this.#files = files;
    this.#blockBytes = blockBytes;
  }

  /** All jobs are of one journal. One outcome a job, in their order. */
  run(jobs: readonly WriteJob[]): WriteOutcome[] {
    const outcomes = jobs.map((job) => attempt(() => checkPiece(job, this.#blockBytes)));
    const isOpen = (_: WriteJob, index: number): boolean => {
      const outcome = outcomes[index];
      return outcome !== undefined && "result" in outcome && outcome.result.ok;
    };
    const step = (work: () => void): void => {
      const done = attempt(work);
      if ("error" in done) for (const [index, job] of jobs.entries()) if (isOpen(job, index)) outcomes[index] = done;
    };
    const written = new Map<WriteJob, readonly JournalEntry[]>();
    step(() => this.#intend(jobs.filter(isOpen)));
    for (const [index, job] of jobs.entries()) {
      if (!isOpen(job, index)) continue;
      const done = attempt(() => this.#write(job));
      if ("error" in done) outcomes[index] = done;
      else written.set(job, done.result);
    }
    step(() => this.#record(jobs.filter(isOpen), written));
    return outcomes;
  }

  #intend(jobs: readonly WriteJob[]): void {
    const value = BigInt(Date.now()) * 1_000_000n;
    const entries = [{ fileIndex: 0, value }];
    this.#append(
      jobs,
      jobs.map(({ place, journalSeed }) => encodeRecord({ type: "intent", piece: place.piece, entries }, journalSeed)),
    );
  }

  /** Returns the time of each part's file after it. */
  #write(job: WriteJob): readonly JournalEntry[] {
    const times = new FileTimes(job.times);
    return job.place.parts.map((part) => {
      const { fileIndex, relative } = part;
      const fd = this.#files.get(job.root, relative, "write");
      const isHeld = times.hold(fileIndex);
      try {
        const { sizeBytes, modifiedNs } = this.#calls.stateOf(fd);
        // Every file has its length from the start. To write beyond the end of one that was cut short would hide the hole.
        if (sizeBytes < part.fileOffset + part.lengthBytes) throw shortFile(job.root, relative);
        // Somebody else wrote to it, and our own write will hide when: nothing in the journal is to be believed.
        if (!isHeld || !times.isOurs(fileIndex, modifiedNs)) {
          this.#append([job], [encodeRecord({ type: "distrust", piece: 0, entries: [] }, job.journalSeed)]);
        }
        return { fileIndex, value: this.#writePart(job, part, fd, times) };
      } finally {
        if (isHeld) times.release(fileIndex);
      }
    });
  }

  #writePart({ memory, place }: WriteJob, part: FilePart, fd: number, times: FileTimes): bigint {
    const bytes = Buffer.from(memory, 0, place.lengthBytes);
    const end = part.pieceOffset + part.lengthBytes;
    const done = attempt(() => {
      for (let at = part.pieceOffset; at < end;) {
        at += this.#calls.write(fd, bytes.subarray(at, end), part.fileOffset + at - part.pieceOffset);
      }
    });
    // What a write did that failed in the middle is ours too.
    const { modifiedNs } = this.#calls.stateOf(fd);
    times.wrote(part.fileIndex, modifiedNs);
    if ("error" in done) throw done.error;
    return modifiedNs;
  }

  #record(jobs: readonly WriteJob[], written: ReadonlyMap<WriteJob, readonly JournalEntry[]>): void {
    this.#append(
      jobs,
      jobs.map((job) => {
        const { piece } = job.place;
        return encodeRecord({ type: "piece", piece, entries: written.get(job) ?? [] }, job.journalSeed);
      }),
    );
  }

  /** One write, so that records of several threads never mix. A short one is damage that the reader skips. */
  #append([first]: readonly WriteJob[], records: readonly Buffer[]): void {
    if (first === undefined) return;
    const [only] = records;
    const bytes = records.length === 1 && only !== undefined ? only : Buffer.concat(records);
    const written = this.#calls.append(this.#files.get(first.journal, "", "append"), bytes);
    if (written !== bytes.length) throw ioError("ENOSPC", first.journal, "the journal was cut short");
  }
}

function attempt<T>(work: () => T): { result: T } | { error: unknown } {
  try {
    return { result: work() };
  } catch (error) {
    return { error };
  }
}

/** BEP 52 wants both halves of a hybrid checked; that they disagree is the publisher's fault and no peer's. */
function checkPiece({ place, memory, ...expected }: WriteJob, blockBytes: number): WriteResult {
  const bytes = Buffer.from(memory, 0, place.lengthBytes);
  zeroGaps(place, 0, bytes);
  const isGood1 =
    expected.sha1 === null || paddedSha1(bytes, place.paddedLengthBytes).toString("hex") === expected.sha1;
  if (expected.sha256 === null) return { ok: isGood1, leaves: null, inconsistent: false };
  const leaves = Buffer.allocUnsafeSlow(Math.ceil(bytes.length / blockBytes) * LEAF_BYTES);
  digestLeaves(bytes, blockBytes, leaves, 0);
  const isGood2 = subtreeRoot(leaves, place.leafCount).toString("hex") === expected.sha256;
  if (isGood1 && isGood2) return { ok: true, leaves: null, inconsistent: false };
  return { ok: false, leaves, inconsistent: expected.sha1 !== null && isGood1 !== isGood2 };
}
