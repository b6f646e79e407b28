// What is on disk already, and which of it is good, before a store begins to work.
//
// Download, by what stands there:
//   nothing              a new .part
//   .part                resumed by its journal; without a journal all of it is hashed, and where not one piece is good
//                        it is somebody else's and is left alone (storage.exists)
//   final                hashed. All good: complete. Some pieces good: a damaged or older copy; it becomes the .part
//                        and is repaired. None good: somebody else's, left alone (storage.exists)
//   final and .part      final all good: complete, the .part stays. Else left alone (storage.exists): to finish would
//                        replace one by the other, and only the user knows which is dear
// A symbolic link under either name is never followed.

import { mkdir, realpath, rename } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import type { Log, PieceIndex } from "../core/index.ts";
import type { Info } from "../metainfo/index.ts";
import { Bitfield } from "../swarm/index.ts";
import { allPieces, artifactPaths, type ArtifactPaths, type PieceHashSource } from "./artifact.ts";
import { existsError, findFlaws } from "./completion.ts";
import { checkPieces, sumPayloadBytes, type HashingProgress } from "./payload-hashing.ts";
import { checkFreeSpace, examineFiles, foreign, lstatOrNull, prepareFiles, type FileOnDisk } from "./payload-files.ts";
import { FileTimes } from "./file-times.ts";
import { isLocalDisk } from "./local-disk.ts";
import { readJournal, removeJournal, ResumeJournal } from "./resume-journal.ts";
import { judgeResume, type JournalRefusal, type Trust } from "./resume-trust.ts";
import { withStorageErrors } from "./storage-error.ts";
import type { StorageWorkers } from "./storage-workers.ts";
import { bootId, StoreLock } from "./store-lock.ts";

export interface OpeningOptions {
  readonly info: Info;
  readonly pieceHash: PieceHashSource;
  readonly workers: StorageWorkers;
  readonly log: Log;
  readonly onProgress?: ((progress: HashingProgress) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
}

export interface Opened {
  readonly paths: ArtifactPaths;
  readonly complete: boolean;
  readonly have: Bitfield;
  readonly localBytes: number;
  /** The files as they were before they were checked, where they are complete. */
  readonly states: readonly (FileOnDisk | null)[];
  /** Null where nothing is to be written. */
  readonly download: {
    readonly journal: ResumeJournal;
    readonly lock: StoreLock;
    readonly times: FileTimes;
  } | null;
  /** See local-disk.ts. */
  readonly isOnLocalDisk: boolean;
}

export async function openForDownload(
  options: OpeningOptions & { readonly directory: string; readonly verify: "resume" | "full" | "none" },
): Promise<Opened> {
  const { info, directory } = options;
  const paths = await withStorageErrors(directory, async () => {
    await mkdir(directory, { recursive: true });
    return artifactPaths(await realpath(directory), info.name);
  });
  const lock = await StoreLock.acquire(paths.lock);
  try {
    const opened = await withStorageErrors(paths.final, () => openLocked(options, paths, lock));
    if (opened.complete) await lock.release();
    return { ...opened, isOnLocalDisk: await withStorageErrors(directory, () => isLocalDisk(directory)) };
  } catch (error) {
    options.workers.closeFiles(paths.final);
    options.workers.closeFiles(paths.part);
    await lock.release();
    throw error;
  }
}

async function openLocked(
  options: OpeningOptions & { readonly verify: "resume" | "full" | "none" },
  paths: ArtifactPaths,
  lock: StoreLock,
): Promise<Omit<Opened, "isOnLocalDisk">> {
  const { info, log, signal } = options;
  signal?.throwIfAborted();
  const hasFinal = await stands(paths.final);
  const hasPart = await stands(paths.part);
  const root = hasFinal ? paths.final : paths.part;
  const states = await examineFiles(info.layout, root);
  const journalBytes = hasFinal ? null : await readJournal(paths.journal);
  const trust = judgeResume(info, options.verify === "full" ? null : journalBytes, states, bootId());
  if (trust.refusal !== null) tellRefusal(log, paths.journal, trust.refusal);
  const found = await checkPieces({ ...optionsOf(options), root }, trust.doubtful, options.pieceHash);
  log.write("info", "storage.checked", {
    path: root,
    trusted: trust.durable.length + trust.written.length,
    hashed: trust.doubtful.length,
    good: found.length,
  });
  const have = bitfieldOf(info, trust, found);
  const localBytes = sumPayloadBytes(
    info.layout,
    [...allPieces(info.layout)].filter((piece) => have.has(piece)),
  );
  if (hasFinal) {
    options.workers.closeFiles(paths.final);
    if (have.isFull && (await findFlaws(info.layout, root, states)).size === 0) {
      // Killed between the rename and the end: the journal is of what has the final name by now.
      if (!hasPart) await removeJournal(paths.journal);
      return { paths, complete: true, have, localBytes, states, download: null };
    }
    if (hasPart || have.count === 0) throw existsError(paths.final);
    await rename(paths.final, paths.part);
    log.write("warn", "storage.repair", { path: paths.final, good: have.count, pieces: info.layout.pieceCount });
  } else if (hasPart && journalBytes === null && have.count === 0 && hasData(states)) {
    throw existsError(paths.part);
  }
  await checkFreeSpace(info.layout, dirname(paths.part), states);
  const files = await prepareFiles(info.layout, paths.part, states);
  const { durable, written } = trust;
  const journal = await ResumeJournal.create({
    path: paths.journal,
    info,
    bootId: bootId(),
    durable,
    written: [...written, ...found],
    files,
  });
  return {
    paths,
    complete: false,
    have,
    localBytes,
    states: [],
    download: { journal, lock, times: FileTimes.of(files) },
  };
}

function tellRefusal(log: Log, path: string, refusal: JournalRefusal): void {
  const reason = `The resume file is ${refusal}: everything that is there is hashed again.`;
  log.write("warn", "storage.resume-refused", { path, reason });
}

/** Read-only: the payload under its own name, or wherever `path` says. */
export async function openForSeeding(
  options: OpeningOptions & { readonly path: string; readonly verify: "resume" | "full" | "none" },
): Promise<Opened> {
  const { info } = options;
  const root = await withStorageErrors(options.path, () => realpath(options.path));
  const states = await withStorageErrors(root, () => examineFiles(info.layout, root));
  const have = new Bitfield(info.layout.pieceCount);
  if (options.verify === "none") {
    // Taken on trust, but what is plainly not there cannot be served.
    for (const piece of allPieces(info.layout)) {
      const isThere = info.layout
        .segments(piece)
        .every(({ fileIndex }) => states[fileIndex]?.sizeBytes === info.layout.files[fileIndex]?.lengthBytes);
      if (isThere) have.add(piece);
    }
  } else {
    const trust = judgeResume(info, null, states, null);
    const good = await checkPieces({ ...optionsOf(options), root }, trust.doubtful, options.pieceHash);
    for (const piece of good) have.add(piece);
  }
  const good = [...allPieces(info.layout)].filter((piece) => have.has(piece));
  const localBytes = sumPayloadBytes(info.layout, good);
  const paths: ArtifactPaths = { final: root, part: root, journal: "", lock: "" };
  const isOnLocalDisk = await withStorageErrors(root, () => isLocalDisk(root));
  return { paths, complete: have.isFull, have, localBytes, states, download: null, isOnLocalDisk };
}

export function seedPath(info: Info, directory: string, path: string | undefined): string {
  return resolve(path ?? join(directory, info.name));
}

async function stands(path: string): Promise<boolean> {
  const stats = await lstatOrNull(path);
  if (stats?.isSymbolicLink() === true) throw foreign(path, stats);
  return stats !== null;
}

function optionsOf(options: OpeningOptions): {
  layout: Info["layout"];
  access: "read";
  workers: StorageWorkers;
  onProgress: OpeningOptions["onProgress"];
  signal: AbortSignal | undefined;
} {
  const { info, workers, onProgress, signal } = options;
  return { layout: info.layout, access: "read", workers, onProgress, signal };
}

function bitfieldOf(info: Info, trust: Trust, found: readonly PieceIndex[]): Bitfield {
  const have = new Bitfield(info.layout.pieceCount);
  for (const piece of [...trust.durable, ...trust.written, ...found]) have.add(piece);
  return have;
}

function hasData(states: readonly (FileOnDisk | null)[]): boolean {
  return states.some((state) => state !== null && state.allocatedBytes > 0);
}
