// Pieces of a slow download, hashed and written by the network thread itself. An errand to an I/O thread wakes two threads
// and costs more than hashing and writing 256 KiB; where twenty machines share two cores that was 4 % of all they did.
//
// Invariants: what is done here is little (so many bytes a second, pieces of moderate length) and quick: a disk that makes
// the thread wait for more than a quarter of its time, or for long at once, is left to the I/O threads for a while (time
// without a processor is not the disk's, and the I/O threads would not have had one either); one that may not answer at
// all (local-disk.ts) is theirs from the start. It is the same work in the same order as theirs (piece-writes.ts), and no
// thread has a job meanwhile.

import {
  DIRECT_BURST_BYTES_MAX,
  DIRECT_BYTES_PER_SECOND_MAX,
  DIRECT_PIECE_BYTES_MAX,
  DIRECT_REST_MS,
  DIRECT_TIME_MS_MAX,
  DIRECT_TIME_SHARE_MAX,
  DIRECT_TURN_BYTES_MAX,
  WRITE_BATCH_BYTES,
} from "../core/index.ts";
import type { FileCalls } from "./file-calls.ts";
import { FileTable } from "./file-table.ts";
import { LeakyBucket } from "./leaky-bucket.ts";
import { PieceWrites } from "./piece-writes.ts";
import { toStorageError } from "./storage-error.ts";
import type { ThreadTime } from "./thread-time.ts";
import type { WorkerSettings, WriteJob, WriteResult } from "./worker-job.ts";
import { writesInRow } from "./write-batches.ts";

interface Waiting {
  readonly job: WriteJob;
  readonly resolve: (result: WriteResult) => void;
  readonly reject: (error: unknown) => void;
}

export class DirectWrites implements Disposable {
  readonly #files: FileTable;
  readonly #writes: PieceWrites;
  readonly #time: Pick<ThreadTime, "now" | "waitedMs">;
  readonly #bytes = new LeakyBucket({ perSecond: DIRECT_BYTES_PER_SECOND_MAX, capacity: DIRECT_BURST_BYTES_MAX });
  readonly #busyMs = new LeakyBucket({ perSecond: 1_000 * DIRECT_TIME_SHARE_MAX, capacity: DIRECT_TIME_MS_MAX });
  /** Done at the end of this turn of the event loop, or of those after it: pieces of one turn share the records around them. */
  #waiting: Waiting[] = [];
  #restsUntil = -Infinity;

  constructor(options: { calls: FileCalls; settings: WorkerSettings; time: Pick<ThreadTime, "now" | "waitedMs"> }) {
    const { calls, settings, time } = options;
    this.#files = new FileTable(calls, settings.openFilesMax);
    this.#writes = new PieceWrites(calls, this.#files, settings.blockBytes);
    this.#time = time;
  }

  /** Whether the job is to be given to `run`, and not to an I/O thread. */
  takes({ place, isOnLocalDisk }: WriteJob): boolean {
    const now = this.#time.now();
    if (!isOnLocalDisk || now < this.#restsUntil || place.lengthBytes > DIRECT_PIECE_BYTES_MAX) return false;
    if (!this.#bytes.hasRoomFor(place.lengthBytes, now)) return false;
    this.#bytes.add(place.lengthBytes, now);
    return true;
  }

  /** @throws StorageError */
  run(job: WriteJob): Promise<WriteResult> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ job, resolve, reject });
      if (this.#waiting.length === 1) setImmediate(() => this.#flush(DIRECT_TURN_BYTES_MAX));
    });
  }

  /** Closes the files below `root`, after the jobs that were given before. */
  closeUnder(root: string): void {
    this.#flush(Infinity);
    this.#files.closeUnder(root);
  }

  [Symbol.dispose](): void {
    this.#flush(Infinity);
    this.#files.closeAll();
  }

  #flush(bytesMax: number): void {
    const waiting = this.#waiting;
    let at = 0;
    for (let bytes = 0; at < waiting.length && bytes < bytesMax;) {
      const batch = writesInRow(waiting, at, WRITE_BATCH_BYTES, (write) => write);
      at += batch.length;
      for (const { job } of batch) bytes += job.place.lengthBytes;
      this.#runAll(batch);
    }
    this.#waiting = waiting.slice(at);
    if (this.#waiting.length > 0) setImmediate(() => this.#flush(bytesMax));
  }

  #runAll(batch: readonly Waiting[]): void {
    const begun = this.#time.now() - this.#time.waitedMs();
    const outcomes = this.#writes.run(batch.map(({ job }) => job));
    const now = this.#time.now();
    this.#busyMs.add(now - this.#time.waitedMs() - begun, now);
    if (!this.#busyMs.hasRoomFor(0, now)) this.#restsUntil = now + DIRECT_REST_MS;
    for (const [index, { job, resolve, reject }] of batch.entries()) {
      const outcome = outcomes[index];
      if (outcome === undefined) continue;
      if ("result" in outcome) resolve(outcome.result);
      else reject(toStorageError(outcome.error, job.root));
    }
  }
}
