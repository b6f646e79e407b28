// Which pieces of a half-finished download are good without hashing them again. An argument, top to bottom; bytes and
// times in, two lists out, no I/O.
//
// What is written. A piece's bytes are checked first, and only good bytes are written, at their place. For each piece
// the I/O thread appends to the journal (O_APPEND, one write call for the records of one or a few pieces): `intent`
// {wall-clock time}; then it writes the data; then it appends `piece` {mtime of each touched file after the write}, for
// each piece of the batch. A checkpoint appends
// `checkpoint` {n} after the files were synced: the first n bytes of the journal are true on the device.
//
// 1. A record counts only if its CRC, seeded by the header's random number, is right. A journal whose header is
//    damaged, or is of other info-hashes, files or lengths, proves nothing: all that is there is hashed.
// 2. The process was killed (same boot). The kernel has every completed write, and a `piece` record follows its data,
//    so: record there => data was written. Later writes of ours cannot spoil it, for they write other pieces, or the
//    same good bytes again.
// 3. Somebody else changed a file since. Then its size differs, or its mtime is not the greatest that the journal has
//    for it. Such a file's pieces are all hashed. (Whoever sets mtimes back means to deceive and could as well edit
//    the journal; that is not held off here. Every byte from the network is still checked before it is written.)
//    What was changed before our last write to the file is hidden by its mtime: the I/O thread that finds another mtime
//    than our last write left (file-times.ts) appends `distrust` before it writes.
// 4. A write of ours was under way at the kill: the mtime is newer than any record's, but an intent without its
//    piece record explains it if it is within a short window after the intent. Then only the pieces of such intents
//    are hashed. Outside the window it is case 3.
// 5. The machine crashed (another boot, or no way to tell). Pages may be lost while the journal's survive, so only
//    records that a checkpoint covers count, the others are hashed. mtimes may be lost too: any from the greatest
//    covered one to the greatest recorded one is ours.
// 6. A sync failed. The kernel may have dropped the pages and reports that once: `distrust` voids the journal, as in 3.
// 7. A file takes up disk and has no record and no intent: what it had was lost with a damaged stretch. It is hashed.

import { createHash } from "node:crypto";
import type { Info, Layout } from "../metainfo/index.ts";
import type { PieceIndex } from "../core/index.ts";
import { Bitfield } from "../swarm/index.ts";
import { allPieces } from "./artifact.ts";
import { decodeHeader, isOfAnotherVersion, JournalCursor, type JournalHeader } from "./journal-record.ts";
import { JOURNAL_HEADER_BYTES_MAX } from "../core/index.ts";

/** How far an mtime may lie from its intent: kernel clocks tick every 1 to 10 ms; the data follows in microseconds. */
const EARLIER_NS = 15_000_000n;
const LATER_NS = 25_000_000n;

export interface FileState {
  readonly sizeBytes: number;
  readonly modifiedNs: bigint;
  /** Bytes that take up disk, where they are known: less than the size where the file is sparse. */
  readonly allocatedBytes?: number;
}

export interface Trust {
  /** Good, and on the device as far as a checkpoint says. */
  readonly durable: readonly PieceIndex[];
  /** Good, as long as the machine does not crash. */
  readonly written: readonly PieceIndex[];
  /** To be hashed. */
  readonly doubtful: readonly PieceIndex[];
  /** Why a journal that is there proves nothing; null where it does, or where there is none. */
  readonly refusal: JournalRefusal | null;
}

export type JournalRefusal = "damaged" | "of another version" | "of another torrent" | "withdrawn by its own run";

/** Ties a journal to the very files: info-hashes alone would do, were it not for our own mistakes. */
export function layoutFingerprint(layout: Layout): string {
  const files = layout.files.map(({ kind, path, lengthBytes, offset }) => [kind, path, lengthBytes, offset]);
  const text = JSON.stringify([layout.isFolder, layout.pieceLengthBytes, files]);
  return createHash("sha256").update(text).digest("hex").slice(0, 32);
}

/** `files` by file index; null for what is not there or is no file of payload. `journal` null where there is none. */
export function judgeResume(
  info: Info,
  journal: Buffer | null,
  files: readonly (FileState | null)[],
  bootId: string | null,
): Trust {
  const evidence = journal === null ? null : readEvidence(info, journal);
  if (evidence === null || typeof evidence === "string") {
    return { durable: [], written: [], doubtful: piecesOnDisk(info.layout, files), refusal: evidence };
  }
  const sameBoot = bootId !== null && bootId === evidence.header.bootId;
  const isSound = soundFiles(info.layout, evidence, files, sameBoot);
  const durable: PieceIndex[] = [];
  const written: PieceIndex[] = [];
  const doubtful: PieceIndex[] = [];
  for (const piece of allPieces(info.layout)) {
    const parts = info.layout.segments(piece);
    if (parts.some(({ fileIndex }) => (files[fileIndex] ?? null) === null)) continue;
    if (!parts.every(({ fileIndex }) => isSound[fileIndex])) doubtful.push(piece);
    else if (evidence.covered.has(piece)) durable.push(piece);
    else if (evidence.recorded.has(piece)) (sameBoot ? written : doubtful).push(piece);
    else if (evidence.intents.has(piece)) doubtful.push(piece);
  }
  return { durable, written, doubtful, refusal: null };
}

interface Evidence {
  readonly header: JournalHeader;
  readonly recorded: Bitfield;
  readonly covered: Bitfield;
  /** Pieces whose write began and is not recorded, with the time. */
  readonly intents: ReadonlyMap<number, bigint>;
  /** Greatest mtime of each file, of all records and of the covered ones. */
  readonly latest: ReadonlyMap<number, bigint>;
  readonly latestCovered: ReadonlyMap<number, bigint>;
}

function readEvidence(info: Info, journal: Buffer): Evidence | JournalRefusal {
  const decoded = decodeHeader(journal, JOURNAL_HEADER_BYTES_MAX);
  if (decoded === null) return isOfAnotherVersion(journal) ? "of another version" : "damaged";
  const { header, end } = decoded;
  const isOurs =
    header.infoHashV1 === info.infoHashV1 &&
    header.infoHashV2 === info.infoHashV2 &&
    header.layout === layoutFingerprint(info.layout);
  if (!isOurs) return "of another torrent";
  return readRecords(info.layout.pieceCount, header, new JournalCursor(journal, end, header.seed));
}

/** Twice through: how far the checkpoints reach is known at the end only, and so is which intents came to nothing. */
function readRecords(pieceCount: number, header: JournalHeader, cursor: JournalCursor): Evidence | JournalRefusal {
  const recorded = new Bitfield(pieceCount);
  const covered = new Bitfield(pieceCount);
  const lastRecordAt = new Float64Array(pieceCount);
  const intents = new Map<number, bigint>();
  const latest = new Map<number, bigint>();
  const latestCovered = new Map<number, bigint>();
  const offsets: number[] = [];
  let coveredBytes = 0n;
  while (cursor.next()) {
    const { type, piece, offset } = cursor;
    if (type === "distrust") return "withdrawn by its own run";
    if (type === "checkpoint" && cursor.entryCount > 0 && cursor.value(0) > coveredBytes)
      coveredBytes = cursor.value(0);
    if (piece >= pieceCount) continue;
    offsets.push(offset);
    if (type === "piece") lastRecordAt[piece] = offset;
  }
  for (const offset of offsets) {
    cursor.moveTo(offset);
    const { type, piece } = cursor;
    if (type === "intent" && offset > lastRecordAt[piece]!) {
      intents.set(piece, cursor.entryCount > 0 ? cursor.value(0) : 0n);
    }
    if (type !== "piece") continue;
    recorded.add(piece);
    raise(latest, cursor);
    if (BigInt(offset) >= coveredBytes) continue;
    covered.add(piece);
    raise(latestCovered, cursor);
  }
  return { header, recorded, covered, intents, latest, latestCovered };
}

function raise(map: Map<number, bigint>, record: JournalCursor): void {
  for (let entry = 0; entry < record.entryCount; entry++) {
    const fileIndex = record.fileIndex(entry);
    const value = record.value(entry);
    const known = map.get(fileIndex);
    if (known === undefined || value > known) map.set(fileIndex, value);
  }
}

/** Steps 3 to 5, for each file. A file without any record is sound (no piece of it is trusted), but for 7. */
function soundFiles(
  layout: Layout,
  evidence: Evidence,
  files: readonly (FileState | null)[],
  sameBoot: boolean,
): readonly boolean[] {
  const intentsOfFile = new Map<number, bigint[]>();
  for (const [value, time] of evidence.intents) {
    const piece = layout.pieceIndex(value);
    if (piece === null) continue;
    for (const { fileIndex } of layout.segments(piece)) {
      const times = intentsOfFile.get(fileIndex);
      if (times === undefined) intentsOfFile.set(fileIndex, [time]);
      else times.push(time);
    }
  }
  return layout.files.map((file) => {
    const state = files[file.index] ?? null;
    if (state === null || state.sizeBytes !== file.lengthBytes) return false;
    const { modifiedNs } = state;
    const latest = evidence.latest.get(file.index);
    if (latest === undefined) return intentsOfFile.has(file.index) || (state.allocatedBytes ?? 0) === 0;
    if (modifiedNs === latest) return true;
    const lowest = sameBoot ? latest : evidence.latestCovered.get(file.index);
    if (lowest !== undefined && modifiedNs >= lowest && modifiedNs <= latest) return true;
    if (modifiedNs < latest) return false;
    const times = intentsOfFile.get(file.index) ?? [];
    return times.some((time) => modifiedNs >= time - EARLIER_NS && modifiedNs <= time + LATER_NS);
  });
}

function piecesOnDisk(layout: Layout, files: readonly (FileState | null)[]): PieceIndex[] {
  return [...allPieces(layout)].filter((piece) =>
    layout.segments(piece).every(({ fileIndex }) => (files[fileIndex] ?? null) !== null),
  );
}
