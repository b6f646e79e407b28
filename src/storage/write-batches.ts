// Pieces that share the records around their data: they are of one journal, and as many as are quickly done.

import type { WriteJob } from "./worker-job.ts";

/** `writeOf`: null for what is no write. The writes in a row from `first` on; empty where none stands there. */
export function writesInRow<M, W extends { readonly job: WriteJob }>(
  messages: readonly M[],
  first: number,
  bytesMax: number,
  writeOf: (message: M) => W | null,
): W[] {
  const batch: W[] = [];
  let bytes = 0;
  for (let at = first; at < messages.length; at++) {
    const write = writeOf(messages[at] as M);
    if (write === null) break;
    bytes += write.job.place.lengthBytes;
    const [head] = batch;
    if (head !== undefined && (head.job.journal !== write.job.journal || bytes > bytesMax)) break;
    batch.push(write);
  }
  return batch;
}
