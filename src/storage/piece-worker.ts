// An I/O thread: takes jobs from the main thread, does them in their order, and sends back the results of each message
// in one, those of long jobs at once. It imports little, because a demonstration starts dozens of processes at once.

import { parentPort, workerData } from "node:worker_threads";
import { faultyFileCalls, systemFileCalls } from "./file-calls.ts";
import { FileTable } from "./file-table.ts";
import { PieceJobs } from "./piece-jobs.ts";
import { failureOf } from "./io-failure.ts";
import { PieceWrites } from "./piece-writes.ts";
import type { Message, Reply, WorkerSettings, WriteJob } from "./worker-job.ts";
import { writesInRow } from "./write-batches.ts";

const port = parentPort;
if (port === null) throw new Error("This module runs in a worker thread.");

const settings = workerData as WorkerSettings;
const calls = settings.faults.length === 0 ? systemFileCalls : faultyFileCalls(systemFileCalls, settings.faults);
const files = new FileTable(calls, settings.openFilesMax);
const jobs = new PieceJobs(calls, files, settings);
const writes = new PieceWrites(calls, files, settings.blockBytes);

port.on("message", (messages: readonly Message[]) => {
  const replies: Reply[] = [];
  for (let at = 0; at < messages.length;) {
    const batch = writesInRow(messages, at, settings.writeBatchBytes, writeOf);
    const [message] = batch;
    if (message === undefined) {
      const single = messages[at++];
      if (single !== undefined) run(single, replies);
      continue;
    }
    at += batch.length;
    for (const [index, outcome] of writes.run(batch.map(({ job }) => job)).entries()) {
      const { id } = batch[index] ?? message;
      replies.push("error" in outcome ? { id, failure: failureOf(outcome.error) } : { id, ...outcome });
    }
  }
  send(replies);
});

function send(replies: Reply[]): void {
  if (replies.length > 0) port?.postMessage(replies);
  replies.length = 0;
}

function writeOf(message: Message): { id: number; job: WriteJob } | null {
  return "job" in message && message.job.kind === "write" ? { id: message.id, job: message.job } : null;
}

function run(message: Message, replies: Reply[]): void {
  if ("closeUnder" in message) {
    files.closeUnder(message.closeUnder);
    return;
  }
  const { id, job } = message;
  if (job.kind === "write") return;
  try {
    replies.push({ id, result: jobs.run(job) });
  } catch (error) {
    replies.push({ id, failure: failureOf(error) });
  }
  // A hash job takes milliseconds: were its result to wait for those of the jobs behind it, the thread would be out of
  // work each time that they are done.
  if (job.kind === "hash") send(replies);
}
