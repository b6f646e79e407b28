// Where the bytes of the releases are: the contract of any store; test/contracts/payload-store.ts is its suite.
//
// Obligations:
// - keep() is durable when it returns, and atomic: a crash leaves the payload staged or kept, never half.
// - What is quarantined cannot be opened or seeded, and is not lost: of it only purge() deletes.
// - Paths are artifacts' own names, checked by the metainfo's parser; openFile() never leaves the release's folder.

import type { FileHandle } from "node:fs/promises";
import { CodedError } from "../../core/index.ts";
import type { ReleaseRef } from "../domain.ts";

export type PayloadErrorCode =
  /** Nothing is kept (or quarantined) under that name. */
  | "payload.unknown"
  /** Something is kept there already. */
  | "payload.exists"
  /** The disk failed or is full. */
  | "payload.store";

export class PayloadError extends CodedError<PayloadErrorCode> {}

/** A folder to write into, which nobody serves; disposed, it is gone unless it was kept. On the store's own disk. */
export interface StagedPayload extends AsyncDisposable {
  readonly folder: string;
}

export interface OpenedFile {
  readonly handle: FileHandle;
  readonly lengthBytes: number;
  readonly modifiedMs: number;
}

export interface PayloadStore {
  stage(): Promise<StagedPayload>;
  /** The file or folder `name` in the staged folder is the release's from now on. @throws PayloadError payload.exists */
  keep(staged: StagedPayload, ref: ReleaseRef, name: string): Promise<void>;
  /** Of the artifact, for the first seed; null while it is quarantined or unknown. */
  artifactPath(ref: ReleaseRef, name: string): Promise<string | null>;
  /** `path`: the artifact's name and what is below. Null where there is none. The caller closes the handle. */
  openFile(ref: ReleaseRef, path: readonly string[]): Promise<OpenedFile | null>;
  quarantine(ref: ReleaseRef): Promise<void>;
  /** Out of quarantine. */
  restore(ref: ReleaseRef): Promise<void>;
  /** Deletes what is quarantined, for good. */
  purge(ref: ReleaseRef): Promise<void>;
  /** Deletes what is kept and was never published: a publish that failed. Nothing where there is nothing. */
  discard(ref: ReleaseRef): Promise<void>;
}
