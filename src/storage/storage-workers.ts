// The I/O threads: started when there is work (another one only while all others are busy), unref'd while idle so
// that they never keep the process alive. While little comes they are spared: see direct-writes.ts and
// direct-reads.ts.
//
// Invariant: every job ends exactly once, with its result, its StorageError, or the error of a thread that died under
// it; a job that ended no longer touches its memory. A thread that died is replaced when the next job comes.

import assert from "node:assert";
import { availableParallelism } from "node:os";
import { Worker } from "node:worker_threads";
import {
  BLOCK_LENGTH_BYTES,
  HASH_READ_BYTES,
  messageOf,
  STORAGE_WORKERS_MAX,
  THREAD_SHARE_BYTES,
  WORKER_HEAP_MIB_MAX,
  WRITE_BATCH_BYTES,
} from "../core/index.ts";
import { descriptorLimit, openFilesMax } from "./descriptor-limit.ts";
import { DirectReads } from "./direct-reads.ts";
import { DirectWrites } from "./direct-writes.ts";
import { faultyFileCalls, systemFileCalls, type FileFault } from "./file-calls.ts";
import { StorageError, storageErrorOf } from "./storage-error.ts";
import { ThreadTime } from "./thread-time.ts";
import type {
  HashJob,
  HashResult,
  Job,
  JobResult,
  Message,
  ReadJob,
  ReadResult,
  Reply,
  WorkerSettings,
  WriteJob,
  WriteResult,
} from "./worker-job.ts";

interface Waiting {
  readonly root: string;
  readonly lengthBytes: number;
  readonly resolve: (result: JobResult) => void;
  readonly reject: (error: unknown) => void;
}

interface Thread {
  readonly worker: Worker;
  readonly jobs: Map<number, Waiting>;
  /** What leaves for the thread at the end of this turn of the event loop. */
  readonly outbox: Message[];
  /** Payload that its jobs are about. */
  busyBytes: number;
}

export class StorageWorkers implements AsyncDisposable {
  /** Threads at most. */
  readonly count: number;
  readonly #threads: Thread[] = [];
  readonly #settings: WorkerSettings;
  readonly #directWrites: DirectWrites | null;
  readonly #directReads: DirectReads | null;
  readonly #time = new ThreadTime();
  #nextId = 0;
  #isClosed = false;

  /** `direct`: false where the threads are to do everything. `faults` is for tests only, of the threads unless `direct` is given. */
  constructor(options: { count?: number; direct?: boolean; faults?: readonly FileFault[] } = {}) {
    this.count = Math.min(options.count ?? availableParallelism(), STORAGE_WORKERS_MAX);
    assert(this.count >= 1, "there is at least one I/O thread");
    const faults = options.faults ?? [];
    this.#settings = {
      openFilesMax: openFilesMax(this.count + 2, descriptorLimit()),
      blockBytes: BLOCK_LENGTH_BYTES,
      readBytes: HASH_READ_BYTES,
      writeBatchBytes: WRITE_BATCH_BYTES,
      faults,
    };
    const isDirect = options.direct ?? faults.length === 0;
    const calls = faults.length === 0 ? systemFileCalls : faultyFileCalls(systemFileCalls, faults);
    const direct = { calls, settings: this.#settings, time: this.#time };
    this.#directWrites = isDirect ? new DirectWrites(direct) : null;
    this.#directReads = isDirect ? new DirectReads(direct) : null;
  }

  /** Threads that run now. */
  get startedCount(): number {
    return this.#threads.length;
  }

  /** For work that is about to come: a thread takes 40 ms to start, in which the first peer can be found. */
  startOne(): void {
    if (this.#threads.length === 0) this.#threads.push(this.#start());
  }

  /** For work that needs them all. */
  startAll(): void {
    while (this.#threads.length < this.count) this.#threads.push(this.#start());
  }

  run(job: WriteJob): Promise<WriteResult>;
  run(job: HashJob): Promise<HashResult>;
  run(job: ReadJob): Promise<ReadResult>;
  run(job: Job): Promise<JobResult> {
    if (this.#isClosed) return Promise.reject(new StorageError("storage.closed", "The storage threads are closed."));
    if (job.kind === "write" && this.#directWrites !== null && this.#isIdle && this.#directWrites.takes(job)) {
      return this.#directWrites.run(job);
    }
    if (job.kind === "read" && this.#directReads?.takes(job) === true) return this.#directReads.run(job);
    const lengthBytes = lengthOf(job);
    const thread = this.#threadFor(job, lengthBytes);
    const id = this.#nextId++;
    return new Promise((resolve, reject) => {
      if (thread.jobs.size === 0) thread.worker.ref();
      thread.jobs.set(id, { root: job.root, lengthBytes, resolve, reject });
      thread.busyBytes += lengthBytes;
      thread.outbox.push({ id, job });
      if (thread.outbox.length === 1) setImmediate(() => flush(thread));
    });
  }

  /** Closes the files below `root` everywhere, after the jobs that were given before. */
  closeFiles(root: string): void {
    this.#directWrites?.closeUnder(root);
    this.#directReads?.closeUnder(root);
    for (const thread of this.#threads) {
      thread.outbox.push({ closeUnder: root });
      flush(thread);
    }
  }

  /** Ends the threads when their jobs are done. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#isClosed = true;
    this.#directWrites?.[Symbol.dispose]();
    this.#directReads?.[Symbol.dispose]();
    this.#time[Symbol.dispose]();
    while (this.#threads.some(({ jobs }) => jobs.size > 0)) {
      const waits = this.#threads.flatMap(({ jobs }) => [...jobs.keys()].map((id) => this.#settled(jobs, id)));
      await Promise.all(waits);
    }
    await Promise.all(this.#threads.splice(0).map(({ worker }) => worker.terminate()));
  }

  get #isIdle(): boolean {
    return this.#threads.every(({ jobs }) => jobs.size === 0);
  }

  #settled(jobs: Map<number, Waiting>, id: number): Promise<void> {
    const waiting = jobs.get(id);
    if (waiting === undefined) return Promise.resolve();
    return new Promise((done) => {
      jobs.set(id, {
        ...waiting,
        resolve: (result) => (waiting.resolve(result), done()),
        reject: (error) => (waiting.reject(error), done()),
      });
    });
  }

  /**
   * The first thread that has little to do; else a new one; else the one with the least to do. So a trickle of pieces keeps
   * one thread, whose file and journal are at hand and whose jobs arrive several at a time, and a stream keeps all that are
   * of use to it.
   */
  #threadFor(job: Job, lengthBytes: number): Thread {
    let best: Thread | null = null;
    for (const thread of this.#threads) {
      if (thread.jobs.size === 0 || thread.busyBytes + lengthBytes <= THREAD_SHARE_BYTES) return thread;
      if (best === null || thread.busyBytes < best.busyBytes) best = thread;
    }
    if (best !== null && this.#threads.length >= threadsFor(job, this.count)) return best;
    const started = this.#start();
    this.#threads.push(started);
    return started;
  }

  #start(): Thread {
    // The compiler rewrites import specifiers but not this one: it is .ts in the sources and .js when built.
    const module = new URL("./piece-worker.ts", import.meta.url);
    if (import.meta.url.endsWith(".js")) module.pathname = module.pathname.replace(/ts$/, "js");
    const worker = new Worker(module, {
      name: "storage",
      workerData: this.#settings,
      // Not the process's own: some (--input-type) are refused for a file.
      execArgv: [],
      resourceLimits: { maxOldGenerationSizeMb: WORKER_HEAP_MIB_MAX, maxYoungGenerationSizeMb: 4, stackSizeMb: 1 },
    });
    const thread: Thread = { worker, jobs: new Map(), outbox: [], busyBytes: 0 };
    let cause: unknown;
    worker.on("message", (replies: readonly Reply[]) => this.#settle(thread, replies));
    worker.on("error", (error) => (cause = error));
    worker.on("exit", () => this.#bury(thread, cause));
    worker.unref();
    return thread;
  }

  #settle(thread: Thread, replies: readonly Reply[]): void {
    for (const reply of replies) {
      const waiting = thread.jobs.get(reply.id);
      thread.jobs.delete(reply.id);
      thread.busyBytes -= waiting?.lengthBytes ?? 0;
      if ("result" in reply) waiting?.resolve(reply.result);
      else waiting?.reject(storageErrorOf({ ...reply.failure, path: reply.failure.path || (waiting?.root ?? "") }));
    }
    if (thread.jobs.size === 0) thread.worker.unref();
  }

  #bury(thread: Thread, cause: unknown): void {
    const at = this.#threads.indexOf(thread);
    if (at !== -1) this.#threads.splice(at, 1);
    const reason = cause === undefined ? "" : ` (${messageOf(cause)})`;
    for (const { root, reject } of thread.jobs.values()) {
      const text = `A storage thread ended unexpectedly${reason} while it worked on ${root}. Try again.`;
      reject(new StorageError("storage.worker", text, { cause, retryable: true }));
    }
    thread.jobs.clear();
  }
}

function flush({ worker, outbox }: Thread): void {
  if (outbox.length === 0) return;
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread is no window
  worker.postMessage(outbox);
  outbox.length = 0;
}

/**
 * A stream that is hashed once leaves a processor to the network thread, which has as much to do: with a thread on each it
 * was 8 % slower on two of them, and the event loop was held up by a third more (docs/decisions/0015-throughput.md).
 */
function threadsFor(job: Job, count: number): number {
  const isHashedOnce = job.kind === "write" && (job.sha1 === null || job.sha256 === null);
  return isHashedOnce ? Math.max(1, count - 1) : count;
}

function lengthOf(job: Job): number {
  if (job.kind !== "hash") return job.place.lengthBytes;
  return job.runs.reduce((sum, { place, count }) => sum + place.lengthBytes * count, 0);
}
