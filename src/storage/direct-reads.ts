// Pieces for uploading, read by the network thread itself: what the system has in memory is copied in less time than an
// errand to an I/O thread takes, and is then in the cache of the core that sends it.
//
// Invariants: what is done here is little at a time and so many bytes a second; a disk that makes the thread wait for more
// than a quarter of its time, or for long at once, is left to the I/O threads for a while (time without a processor is not
// the disk's); one that may not answer at all (local-disk.ts) is theirs from the start.

import {
  DIRECT_PIECE_BYTES_MAX,
  DIRECT_READ_BURST_BYTES_MAX,
  DIRECT_READ_BYTES_PER_SECOND_MAX,
  DIRECT_REST_MS,
  DIRECT_TIME_MS_MAX,
  DIRECT_TIME_SHARE_MAX,
  MEMORY_COPY_BYTES_PER_SECOND_MIN,
} from "../core/index.ts";
import type { FileCalls } from "./file-calls.ts";
import { FileTable } from "./file-table.ts";
import { LeakyBucket } from "./leaky-bucket.ts";
import { PieceJobs } from "./piece-jobs.ts";
import { toStorageError } from "./storage-error.ts";
import type { ThreadTime } from "./thread-time.ts";
import type { ReadJob, ReadResult, WorkerSettings } from "./worker-job.ts";

/** How old a look at the time without a processor may be: each costs 4 µs, and a piece is read in 70. */
const LOOK_MS = 10;

export class DirectReads implements Disposable {
  readonly #files: FileTable;
  readonly #jobs: PieceJobs;
  readonly #time: Pick<ThreadTime, "now" | "waitedMs">;
  readonly #bytes = new LeakyBucket({
    perSecond: DIRECT_READ_BYTES_PER_SECOND_MAX,
    capacity: DIRECT_READ_BURST_BYTES_MAX,
  });
  readonly #heldUpMs = new LeakyBucket({ perSecond: 1_000 * DIRECT_TIME_SHARE_MAX, capacity: DIRECT_TIME_MS_MAX });
  #restsUntil = -Infinity;
  #waitedMs = 0;
  #lookedAt = -Infinity;

  constructor(options: { calls: FileCalls; settings: WorkerSettings; time: Pick<ThreadTime, "now" | "waitedMs"> }) {
    const { calls, settings, time } = options;
    this.#files = new FileTable(calls, settings.openFilesMax);
    this.#jobs = new PieceJobs(calls, this.#files, settings);
    this.#time = time;
  }

  /** Whether the job is to be given to `run`, and not to an I/O thread. */
  takes({ place, isOnLocalDisk }: ReadJob): boolean {
    const now = this.#time.now();
    if (!isOnLocalDisk || now < this.#restsUntil || place.lengthBytes > DIRECT_PIECE_BYTES_MAX) return false;
    if (!this.#bytes.hasRoomFor(place.lengthBytes, now)) return false;
    this.#bytes.add(place.lengthBytes, now);
    return true;
  }

  /** The piece is in the job's memory when this returns. @throws StorageError */
  run(job: ReadJob): Promise<ReadResult> {
    const begun = this.#time.now();
    if (begun - this.#lookedAt > LOOK_MS) this.#look(begun);
    try {
      return Promise.resolve(this.#jobs.read(job));
    } catch (error) {
      return Promise.reject(toStorageError(error, job.root));
    } finally {
      this.#account(job.place.lengthBytes, begun);
    }
  }

  closeUnder(root: string): void {
    this.#files.closeUnder(root);
  }

  [Symbol.dispose](): void {
    this.#files.closeAll();
  }

  /** What took no longer than copying was in memory. What was waited for a processor since the last look counts as this read's. */
  #account(lengthBytes: number, begun: number): void {
    const now = this.#time.now();
    const beyondMs = now - begun - (1_000 * lengthBytes) / MEMORY_COPY_BYTES_PER_SECOND_MIN;
    if (beyondMs <= 0) return;
    const waitedBefore = this.#waitedMs;
    this.#look(now);
    this.#heldUpMs.add(Math.max(0, beyondMs - (this.#waitedMs - waitedBefore)), now);
    if (!this.#heldUpMs.hasRoomFor(0, now)) this.#restsUntil = now + DIRECT_REST_MS;
  }

  #look(now: number): void {
    this.#waitedMs = this.#time.waitedMs();
    this.#lookedAt = now;
  }
}
