// The I/O threads: started when there is work (another one only while all others are busy), unref'd while idle so
// that they never keep the process alive.
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
  OPEN_FILES_PER_WORKER_MAX,
  STORAGE_WORKERS_MAX,
  WORKER_HEAP_MIB_MAX,
  WORKER_RESULTS_BATCH_MAX,
} from "../core/index.ts";
import type { FileFault } from "./file-calls.ts";
import { StorageError, storageErrorOf } from "./storage-error.ts";
import type {
  HashJob,
  HashResult,
  Job,
  JobResult,
  Message,
  ReadJob,
  Reply,
  WorkerSettings,
  WriteJob,
  WriteResult,
} from "./worker-job.ts";

interface Waiting {
  readonly root: string;
  readonly resolve: (result: JobResult) => void;
  readonly reject: (error: unknown) => void;
}

interface Thread {
  readonly worker: Worker;
  readonly jobs: Map<number, Waiting>;
}

export class StorageWorkers implements AsyncDisposable {
  /** Threads at most. */
  readonly count: number;
  readonly #faults: readonly FileFault[];
  readonly #threads: Thread[] = [];
  #nextId = 0;
  #isClosed = false;

  /** `faults` is for tests only. */
  constructor(options: { count?: number; faults?: readonly FileFault[] } = {}) {
    this.count = Math.min(options.count ?? availableParallelism(), STORAGE_WORKERS_MAX);
    assert(this.count >= 1, "there is at least one I/O thread");
    this.#faults = options.faults ?? [];
  }

  /** Threads that run now. */
  get startedCount(): number {
    return this.#threads.length;
  }

  /** For work that needs them all: they take 40 ms to start, in which the work can be prepared. */
  startAll(): void {
    while (this.#threads.length < this.count) this.#threads.push(this.#start());
  }

  run(job: WriteJob): Promise<WriteResult>;
  run(job: HashJob): Promise<HashResult>;
  run(job: ReadJob): Promise<null>;
  run(job: Job): Promise<JobResult> {
    if (this.#isClosed) return Promise.reject(new StorageError("storage.closed", "The storage threads are closed."));
    const thread = this.#leastBusy();
    const id = this.#nextId++;
    return new Promise((resolve, reject) => {
      if (thread.jobs.size === 0) thread.worker.ref();
      thread.jobs.set(id, { root: job.root, resolve, reject });
      post(thread.worker, { id, job });
    });
  }

  /** Closes the files below `root` in every thread, after the jobs that were given before. */
  closeFiles(root: string): void {
    for (const { worker } of this.#threads) post(worker, { closeUnder: root });
  }

  /** Ends the threads when their jobs are done. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#isClosed = true;
    while (this.#threads.some(({ jobs }) => jobs.size > 0)) {
      const waits = this.#threads.flatMap(({ jobs }) => [...jobs.keys()].map((id) => this.#settled(jobs, id)));
      await Promise.all(waits);
    }
    await Promise.all(this.#threads.splice(0).map(({ worker }) => worker.terminate()));
  }

  #settled(jobs: Map<number, Waiting>, id: number): Promise<void> {
    const waiting = jobs.get(id);
    if (waiting === undefined) return Promise.resolve();
    return new Promise((done) => {
      jobs.set(id, {
        root: waiting.root,
        resolve: (result) => (waiting.resolve(result), done()),
        reject: (error) => (waiting.reject(error), done()),
      });
    });
  }

  #leastBusy(): Thread {
    let best: Thread | null = null;
    for (const thread of this.#threads) {
      if (best === null || thread.jobs.size < best.jobs.size) best = thread;
    }
    if (best !== null && (best.jobs.size === 0 || this.#threads.length >= this.count)) return best;
    const started = this.#start();
    this.#threads.push(started);
    return started;
  }

  #start(): Thread {
    const settings: WorkerSettings = {
      openFilesMax: OPEN_FILES_PER_WORKER_MAX,
      blockBytes: BLOCK_LENGTH_BYTES,
      readBytes: HASH_READ_BYTES,
      repliesMax: WORKER_RESULTS_BATCH_MAX,
      faults: this.#faults,
    };
    // The compiler rewrites import specifiers but not this one: it is .ts in the sources and .js when built.
    const module = new URL("./piece-worker.ts", import.meta.url);
    if (import.meta.url.endsWith(".js")) module.pathname = module.pathname.replace(/ts$/, "js");
    const worker = new Worker(module, {
      name: "storage",
      workerData: settings,
      // Not the process's own: some (--input-type) are refused for a file.
      execArgv: [],
      resourceLimits: { maxOldGenerationSizeMb: WORKER_HEAP_MIB_MAX, maxYoungGenerationSizeMb: 4, stackSizeMb: 1 },
    });
    const thread: Thread = { worker, jobs: new Map() };
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

function post(worker: Worker, message: Message): void {
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread is no window
  worker.postMessage(message);
}
