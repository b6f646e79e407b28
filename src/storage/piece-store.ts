// One artifact on disk, piece by piece: written when verified, read for peers, finished under its final name.
//
// Invariants: have() names only pieces whose bytes were checked (or are trusted by the argument in resume-trust.ts);
// a piece is had only after its data and its journal record are written; a failed operation changes nothing that is
// had and can be tried again; nothing is in flight in the I/O threads when dispose or finish touch the files.

import assert from "node:assert";
import { messageOf, silentLog, type Log, type PieceIndex } from "../core/index.ts";
import type { Info } from "../metainfo/index.ts";
import type { Bitfield } from "../swarm/index.ts";
import { placeOfPiece, type PieceHashSource } from "./artifact.ts";
import type { BufferPool, PieceBuffer } from "./buffer-pool.ts";
import { Checkpoints } from "./checkpoints.ts";
import { completeArtifact } from "./completion.ts";
import { FileGuard } from "./file-guard.ts";
import type { HashingProgress } from "./payload-hashing.ts";
import { StorageError } from "./storage-error.ts";
import { openForDownload, openForSeeding, seedPath, type Opened } from "./store-opening.ts";
import type { StorageWorkers } from "./storage-workers.ts";
import { checkUnaltered } from "./unaltered.ts";

export type PieceOutcome =
  | { readonly ok: true }
  | {
      readonly ok: false;
      /** SHA-256 of each 16 KiB block, 32 bytes each, for v2 and hybrid: what names the liar. */
      readonly leaves: Buffer | null;
      /** One half of a hybrid torrent accepts the bytes and the other does not: the torrent is at fault, not a peer. */
      readonly inconsistent?: true;
    };

export interface PieceStoreOptions {
  readonly info: Info;
  /** Null: not known yet (magnet of a v2 torrent). Such a piece on disk is not found good, and must not be written. */
  readonly pieceHash: PieceHashSource;
  /** The artifact is directory/<info.name>. */
  readonly directory: string;
  /** Seed only: the payload itself, under whatever name. */
  readonly path?: string | undefined;
  /** seed: files are read under their final name, never written. */
  readonly mode: "download" | "seed";
  /** download: trust the journal, or hash all that is there. seed: "none" trusts files of the right length. */
  readonly verify: "resume" | "full" | "none";
  readonly pool: BufferPool;
  readonly workers: StorageWorkers;
  readonly log?: Log | undefined;
  /** Of checking what is on disk. */
  readonly onProgress?: ((progress: HashingProgress) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
}

export class PieceStore implements AsyncDisposable {
  /** Final path of the artifact. */
  readonly path: string;
  /** Payload bytes (no padding) of the pieces found good on disk at open. */
  readonly localBytes: number;
  readonly #info: Info;
  readonly #pieceHash: PieceHashSource;
  readonly #workers: StorageWorkers;
  readonly #log: Log;
  readonly #opened: Opened;
  readonly #have: Bitfield;
  readonly #inFlight = new Set<Promise<unknown>>();
  readonly #checkpoints: Checkpoints | null;
  #guard: FileGuard | null = null;
  #finishing: Promise<void> | null = null;
  #complete: boolean;
  #isClosed = false;

  private constructor(options: PieceStoreOptions, opened: Opened) {
    this.#info = options.info;
    this.#pieceHash = options.pieceHash;
    this.#workers = options.workers;
    this.#log = options.log ?? silentLog;
    this.#opened = opened;
    this.#have = opened.have;
    this.#complete = opened.complete;
    this.path = opened.paths.final;
    this.localBytes = opened.localBytes;
    const { download, paths } = opened;
    this.#checkpoints =
      download === null ? null : new Checkpoints(this.#info.layout, paths.part, download.journal, this.#log);
  }

  /** @throws StorageError; or the signal's reason */
  static async open(options: PieceStoreOptions): Promise<PieceStore> {
    const log = options.log ?? silentLog;
    if (options.mode === "download") return new PieceStore(options, await openForDownload({ ...options, log }));
    const path = seedPath(options.info, options.directory, options.path);
    return new PieceStore(options, await openForSeeding({ ...options, log, path }));
  }

  /** The whole artifact stands verified under its final name. */
  get complete(): boolean {
    return this.#complete;
  }

  /** Verified pieces, in BEP 3's bit order: a copy. */
  have(): Uint8Array {
    return this.#have.bytes.slice();
  }

  /**
   * Hashes, compares and, if good, writes and records a piece: one trip to an I/O thread. `buffer` has
   * layout.pieceLength bytes; it is retained until the thread is done with it. A piece that is had is not written again.
   * @throws StorageError for I/O only; the same piece may be tried again
   */
  async writePiece(piece: PieceIndex, buffer: PieceBuffer): Promise<PieceOutcome> {
    const { download } = this.#opened;
    assert(download !== null && !this.#complete, "only a download that is not complete is written");
    assert(!this.#have.has(piece), "a piece that is had is not written again");
    const hash = this.#pieceHash(piece);
    assert(hash !== null, "a piece is written only when its hash is known");
    this.#assertOpen();
    const result = await this.#withBuffer(piece, buffer, (memory) =>
      this.#workers.run({
        kind: "write",
        root: this.#root,
        place: placeOfPiece(this.#info.layout, piece, hash.sha256 !== null),
        memory,
        sha1: hash.sha1?.toString("hex") ?? null,
        sha256: hash.sha256?.toString("hex") ?? null,
        journal: download.journal.path,
        journalSeed: download.journal.seed,
        times: download.times.memory,
        isOnLocalDisk: this.#opened.isOnLocalDisk,
      }),
    ).catch((error: unknown) => {
      if (error instanceof StorageError && error.code === "storage.worker") download.times.abandon();
      throw error;
    });
    if (!result.ok) {
      const leaves = result.leaves === null ? null : bufferOver(result.leaves);
      return result.inconsistent ? { ok: false, leaves, inconsistent: true } : { ok: false, leaves };
    }
    this.#have.add(piece);
    this.#checkpoints?.note(this.#info.layout.segments(piece));
    return { ok: true };
  }

  /**
   * Fills `buffer`, which has layout.pieceLength bytes; padding inside the piece is zero.
   * @throws StorageError, with `storage.changed` where a complete artifact was altered since it was checked
   */
  async readPiece(piece: PieceIndex, buffer: PieceBuffer): Promise<void> {
    assert(this.#have.has(piece), "only a piece that is had is read");
    this.#assertOpen();
    if (this.#finishing !== null) await this.#finishing;
    const states = await this.#withBuffer(piece, buffer, (memory) => {
      const place = placeOfPiece(this.#info.layout, piece, false);
      const { isOnLocalDisk } = this.#opened;
      return this.#workers.run({ kind: "read", root: this.#root, access: this.#access, place, memory, isOnLocalDisk });
    });
    if (!this.#complete) return;
    this.#guard ??= new FileGuard(this.#info.layout, this.path, this.#opened.states);
    this.#guard.compare(states);
    const look = this.#guard.check(this.#info.layout.segments(piece));
    if (look !== null) await this.#track(look);
  }

  /** The piece's leaf hashes (BEP 52), 32 bytes for each 16 KiB block, hashed from disk. @throws StorageError */
  async leaves(piece: PieceIndex): Promise<Buffer> {
    assert(this.#have.has(piece), "only a piece that is had is hashed");
    this.#assertOpen();
    await this.#finishing;
    const runs = [{ place: placeOfPiece(this.#info.layout, piece, true), count: 1 }];
    const job = { kind: "hash", runs, sha1: false, sha256: false, leaves: true, absentIsError: true } as const;
    const result = await this.#track(this.#workers.run({ ...job, root: this.#root, access: this.#access }));
    return bufferOver(result.leaves ?? new Uint8Array());
  }

  /**
   * All pieces are had: syncs, makes empty files and links, sets modes, and renames the artifact to its final name.
   * Reads wait meanwhile and go on after it. @throws StorageError; it may be called again
   */
  finish(): Promise<void> {
    if (this.#complete) return Promise.resolve();
    assert(this.#have.isFull, "only a download with all pieces is finished");
    this.#assertOpen();
    this.#finishing ??= this.#finish().finally(() => (this.#finishing = null));
    return this.#finishing;
  }

  /** Waits for what is under way, makes it durable, closes the files and gives up the lock. */
  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    await this.#finishing?.catch(() => {});
    await this.#drain();
    if (!this.#complete) await this.#checkpoints?.run();
    this.#closeFiles();
    await this.#opened.download?.lock.release();
  }

  get #root(): string {
    return this.#complete ? this.#opened.paths.final : this.#opened.paths.part;
  }

  get #access(): "read" | "write" {
    return this.#complete || this.#opened.download === null ? "read" : "write";
  }

  #assertOpen(): void {
    if (this.#isClosed) throw new StorageError("storage.closed", `The store is closed: ${this.path}`);
  }

  async #withBuffer<T>(
    piece: PieceIndex,
    buffer: PieceBuffer,
    run: (memory: SharedArrayBuffer) => Promise<T>,
  ): Promise<T> {
    const memory: unknown = buffer.bytes.buffer;
    assert(memory instanceof SharedArrayBuffer && buffer.bytes.byteOffset === 0, "the buffer comes from a BufferPool");
    assert(buffer.bytes.length === this.#info.layout.pieceLength(piece), "the buffer has the piece's length");
    const job = run(memory);
    buffer.retain();
    this.#inFlight.add(job);
    try {
      return await job;
    } finally {
      this.#inFlight.delete(job);
      buffer.release();
    }
  }

  async #track<T>(job: Promise<T>): Promise<T> {
    this.#inFlight.add(job);
    try {
      return await job;
    } finally {
      this.#inFlight.delete(job);
    }
  }

  async #drain(): Promise<void> {
    while (this.#inFlight.size > 0) await Promise.allSettled(this.#inFlight);
  }

  async #finish(): Promise<void> {
    await this.#drain();
    const { paths, download } = this.#opened;
    this.#closeFiles();
    await this.#checkpoints?.run();
    const unsynced = this.#checkpoints?.failure ?? this.#checkpoints?.shortage ?? null;
    if (unsynced !== null) throw unsynced;
    await checkUnaltered(this.#info, paths, this.#pieceHash, this.#workers, this.#log);
    await completeArtifact(this.#info.layout, paths);
    this.#complete = true;
    // Done is done: a journal that stays is removed by the next one who finds the artifact complete.
    await download?.journal.remove().catch((error: unknown) => {
      this.#log.write("warn", "storage.leftover", { path: download.journal.path, message: messageOf(error) });
    });
    await download?.lock.release();
  }

  #closeFiles(): void {
    const { paths } = this.#opened;
    for (const path of [paths.part, paths.final, paths.journal]) if (path !== "") this.#workers.closeFiles(path);
  }
}

function bufferOver(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
