// The journal's side of the main thread: written anew at each open with what is known by then, checkpointed, voided,
// removed. The I/O threads append to it in between. What it proves is argued in resume-trust.ts.

import { randomBytes } from "node:crypto";
import fs from "node:fs/promises";
import { constants } from "node:fs";
import { JOURNAL_BYTES_MAX, JOURNAL_HEADER_BYTES_MAX, type PieceIndex } from "../core/index.ts";
import type { Info } from "../metainfo/index.ts";
import { decodeHeader, encodeHeader, encodeRecord, recordLength, writeRecord } from "./journal-record.ts";
import { lstatOrNull } from "./payload-files.ts";
import { layoutFingerprint, type FileState } from "./resume-trust.ts";
import { withStorageErrors } from "./storage-error.ts";

const NOFOLLOW = constants.O_NOFOLLOW ?? 0;

/** Null where there is none, or nothing that could be ours. */
export async function readJournal(path: string): Promise<Buffer | null> {
  return withStorageErrors(path, async () => {
    const stats = await lstatOrNull(path);
    if (stats === null || !stats.isFile() || stats.size > BigInt(JOURNAL_BYTES_MAX)) return null;
    return fs.readFile(path);
  });
}

/** Only where it is a journal. */
export async function removeJournal(path: string): Promise<void> {
  const bytes = await readJournal(path);
  if (bytes === null || decodeHeader(bytes, JOURNAL_HEADER_BYTES_MAX) === null) return;
  await withStorageErrors(path, () => fs.rm(path, { force: true }));
}

export class ResumeJournal {
  readonly path: string;
  readonly seed: number;

  private constructor(path: string, seed: number) {
    this.path = path;
    this.seed = seed;
  }

  /** Replaces the journal at once (rename), so that a kill leaves the old one or the new one. */
  static async create(options: {
    path: string;
    info: Info;
    bootId: string | null;
    durable: readonly PieceIndex[];
    written: readonly PieceIndex[];
    files: readonly (FileState | null)[];
  }): Promise<ResumeJournal> {
    const { path, info, durable, written, files } = options;
    const seed = randomBytes(4).readUInt32LE();
    const header = {
      infoHashV1: info.infoHashV1,
      infoHashV2: info.infoHashV2,
      layout: layoutFingerprint(info.layout),
      bootId: options.bootId ?? "",
      seed,
    };
    const covered = Buffer.concat([encodeHeader(header), pieceRecords(info, durable, files, seed)]);
    const checkpoint = checkpointRecord(covered.length, seed);
    const bytes = Buffer.concat([covered, checkpoint, pieceRecords(info, written, files, seed)]);
    const draft = `${path}.new`;
    await withStorageErrors(draft, async () => {
      await fs.rm(draft, { force: true });
      await fs.writeFile(draft, bytes, { flag: "wx", flush: true });
      await fs.rename(draft, path);
    });
    return new ResumeJournal(path, seed);
  }

  async lengthBytes(): Promise<number> {
    return (await fs.stat(this.path)).size;
  }

  /** After the files were synced: the journal's first `lengthBytes` bytes are true on the device. */
  async checkpoint(lengthBytes: number): Promise<void> {
    await this.#append(checkpointRecord(lengthBytes, this.seed));
  }

  /** After a sync failed: nothing here is to be believed. */
  async distrust(): Promise<void> {
    await this.#append(encodeRecord({ type: "distrust", piece: 0, entries: [] }, this.seed));
  }

  async remove(): Promise<void> {
    await fs.rm(this.path, { force: true });
  }

  async #append(record: Buffer): Promise<void> {
    const flags = constants.O_WRONLY | constants.O_APPEND | NOFOLLOW;
    const handle = await fs.open(this.path, flags);
    try {
      await handle.write(record);
      await handle.sync();
    } finally {
      await handle.close();
    }
  }
}

/** In one piece of memory: there may be millions. */
function pieceRecords(
  { layout }: Info,
  pieces: readonly PieceIndex[],
  files: readonly (FileState | null)[],
  seed: number,
): Buffer {
  const lengthBytes = pieces.reduce((sum, piece) => sum + recordLength(layout.segments(piece).length), 0);
  const bytes = Buffer.allocUnsafe(lengthBytes);
  let at = 0;
  for (const piece of pieces) {
    const entries = layout.segments(piece).map(({ fileIndex }) => ({
      fileIndex,
      value: files[fileIndex]?.modifiedNs ?? 0n,
    }));
    at = writeRecord(bytes, at, { type: "piece", piece, entries }, seed);
  }
  return bytes;
}

function checkpointRecord(lengthBytes: number, seed: number): Buffer {
  return encodeRecord({ type: "checkpoint", piece: 0, entries: [{ fileIndex: 0, value: BigInt(lengthBytes) }] }, seed);
}
