// Notices that files which were checked are altered under us while they are served. A file whose size or time is another
// one than when it was checked is no longer read for peers: its bytes may be anything. Each read says how its files were
// right after it; whether they still have their names is looked at every FILE_CHECK_MS, since a file that was replaced or
// deleted is still read as it was.
//
// It does not notice whoever sets the time back or writes through a mapping; a touched file counts as altered.

import fs from "node:fs/promises";
import { FILE_CHECK_MS } from "../core/index.ts";
import type { Layout, Segment } from "../metainfo/index.ts";
import { absolutePath, relativePath } from "./artifact.ts";
import type { FileState } from "./resume-trust.ts";
import { StorageError, withStorageErrors } from "./storage-error.ts";
import type { ReadResult } from "./worker-job.ts";

interface Known {
  readonly sizeBytes: number;
  readonly modifiedNs: bigint;
  lookedAt: number;
}

export class FileGuard {
  readonly #layout: Layout;
  readonly #root: string;
  readonly #known = new Map<number, Known>();

  /** `states`: the files as they were before they were checked; those that are null count from their first use. */
  constructor(layout: Layout, root: string, states: readonly (FileState | null)[]) {
    this.#layout = layout;
    this.#root = root;
    for (const [index, state] of states.entries()) {
      if (state !== null) this.#known.set(index, { ...state, lookedAt: -Infinity });
    }
  }

  /** Of what was just read. @throws StorageError `storage.changed` */
  compare(states: ReadResult): void {
    for (const state of states) this.#compare(state.fileIndex, state);
  }

  /**
   * Null where each of these files was looked at lately.
   * @throws StorageError `storage.changed`, or what else keeps the file from being looked at
   */
  check(segments: readonly Segment[]): Promise<void> | null {
    const now = performance.now();
    const due = segments.filter(({ fileIndex }) => {
      const known = this.#known.get(fileIndex);
      return known === undefined || now - known.lookedAt >= FILE_CHECK_MS;
    });
    return due.length === 0 ? null : this.#lookAt(due);
  }

  async #lookAt(segments: readonly Segment[]): Promise<void> {
    for (const { fileIndex } of segments) await this.#look(fileIndex);
  }

  async #look(fileIndex: number): Promise<void> {
    const path = this.#pathOf(fileIndex);
    const { size, mtimeNs } = await withStorageErrors(path, () => fs.lstat(path, { bigint: true }));
    this.#compare(fileIndex, { sizeBytes: Number(size), modifiedNs: mtimeNs }).lookedAt = performance.now();
  }

  #compare(fileIndex: number, state: FileState): Known {
    const { sizeBytes, modifiedNs } = state;
    const known = this.#known.get(fileIndex) ?? { sizeBytes, modifiedNs, lookedAt: -Infinity };
    this.#known.set(fileIndex, known);
    if (known.sizeBytes === state.sizeBytes && known.modifiedNs === state.modifiedNs) return known;
    throw new StorageError("storage.changed", `The file was changed after it was checked: ${this.#pathOf(fileIndex)}`);
  }

  #pathOf(fileIndex: number): string {
    const file = this.#layout.files[fileIndex];
    return file === undefined ? this.#root : absolutePath(this.#root, relativePath(this.#layout, file));
  }
}
