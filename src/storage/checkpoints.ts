// Bounds what a crash of the machine costs: now and then the files that were written are synced and the journal says
// so (see resume-trust.ts, step 5).
//
// Invariant: a checkpoint vouches only for records that were in the journal before its sync began. A sync that failed
// is not tried again, since the kernel reports lost pages once only: the journal is voided and finish() fails. What could
// not even begin for want of descriptors has lost nothing: it is tried again.

import { CHECKPOINT_BYTES, CHECKPOINT_INTERVAL_MS, messageOf, type Log } from "../core/index.ts";
import type { Layout, Segment } from "../metainfo/index.ts";
import { absolutePath, relativePath } from "./artifact.ts";
import { syncPath } from "./payload-files.ts";
import type { ResumeJournal } from "./resume-journal.ts";
import { toStorageError, type StorageError } from "./storage-error.ts";

export class Checkpoints {
  readonly #layout: Layout;
  readonly #root: string;
  readonly #journal: ResumeJournal;
  readonly #log: Log;
  readonly #dirtyFiles = new Set<number>();
  #dirtyBytes = 0;
  #timer: NodeJS.Timeout | null = null;
  #running: Promise<void> | null = null;
  #failure: StorageError | null = null;
  #shortage: StorageError | null = null;

  constructor(layout: Layout, root: string, journal: ResumeJournal, log: Log) {
    this.#layout = layout;
    this.#root = root;
    this.#journal = journal;
    this.#log = log;
  }

  /** Of a sync: the data may be gone though it was written. */
  get failure(): StorageError | null {
    return this.#failure;
  }

  /** A piece was written to these places. */
  note(segments: readonly Segment[]): void {
    for (const { fileIndex, lengthBytes } of segments) {
      this.#dirtyFiles.add(fileIndex);
      this.#dirtyBytes += lengthBytes;
    }
    if (this.#running !== null) return;
    if (this.#dirtyBytes >= CHECKPOINT_BYTES) void this.run();
    else this.#timer ??= setTimeout(() => void this.run(), CHECKPOINT_INTERVAL_MS).unref();
  }

  /** Files that are not synced yet, because there were no descriptors; null where there are none. */
  get shortage(): StorageError | null {
    return this.#shortage;
  }

  /** Syncs what was noted until now. Never rejects: see `failure` and `shortage`. */
  async run(): Promise<void> {
    while (this.#running !== null) await this.#running;
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    if (this.#dirtyFiles.size === 0 || this.#failure !== null) return;
    this.#running = this.#sync().finally(() => (this.#running = null));
    await this.#running;
  }

  async #sync(): Promise<void> {
    const files = [...this.#dirtyFiles];
    this.#dirtyFiles.clear();
    this.#dirtyBytes = 0;
    this.#shortage = null;
    try {
      const coveredBytes = await this.#journal.lengthBytes();
      for (const fileIndex of files) await syncPath(this.#pathOf(fileIndex), "file");
      await this.#journal.checkpoint(coveredBytes);
    } catch (error) {
      const reported = toStorageError(error, this.#root);
      if (reported.code === "storage.open-files") {
        this.#shortage = reported;
        for (const fileIndex of files) this.#dirtyFiles.add(fileIndex);
        return;
      }
      this.#failure = reported;
      this.#log.write("error", "storage.sync-failed", { path: this.#root, message: messageOf(error) });
      await this.#journal.distrust().catch(() => this.#journal.remove().catch(() => {}));
    }
  }

  #pathOf(fileIndex: number): string {
    const file = this.#layout.files[fileIndex];
    return file === undefined ? this.#root : absolutePath(this.#root, relativePath(this.#layout, file));
  }
}
