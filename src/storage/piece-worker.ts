// An I/O thread: takes jobs from the main thread, does them one after the other, sends the results back several at a
// time where several are ready. It imports little, because a demonstration starts dozens of processes at once.

import { parentPort, workerData } from "node:worker_threads";
import { faultyFileCalls, systemFileCalls } from "./file-calls.ts";
import { FileTable } from "./file-table.ts";
import { PieceJobs } from "./piece-jobs.ts";
import { failureOf } from "./io-failure.ts";
import type { Message, Reply, WorkerSettings } from "./worker-job.ts";

const port = parentPort;
if (port === null) throw new Error("This module runs in a worker thread.");

const settings = workerData as WorkerSettings;
const calls = settings.faults.length === 0 ? systemFileCalls : faultyFileCalls(systemFileCalls, settings.faults);
const files = new FileTable(calls, settings.openFilesMax);
const jobs = new PieceJobs(calls, files, settings);
let replies: Reply[] = [];

function flush(): void {
  if (replies.length === 0) return;
  port?.postMessage(replies);
  replies = [];
}

port.on("message", (message: Message) => {
  if ("closeUnder" in message) {
    files.closeUnder(message.closeUnder);
    return;
  }
  try {
    replies.push({ id: message.id, result: jobs.run(message.job) });
  } catch (error) {
    replies.push({ id: message.id, failure: failureOf(error) });
  }
  // The messages that wait are all delivered before an immediate runs. A hash job takes milliseconds: were its result to
  // wait for those of the jobs behind it, the thread would be out of work each time that they are done.
  if (message.job.kind === "hash" || replies.length >= settings.repliesMax) flush();
  else if (replies.length === 1) setImmediate(flush);
});
