// Just before a download gets its final name: is what lies there what we wrote? Pieces were checked before they were
// written, and somebody else may have written since. The argument is that of resuming (resume-trust.ts): files whose size
// and time are those of our last write are believed, the pieces of others are hashed again.
//
// What others write between two writes of ours is noticed by the second one (piece-writes.ts), which voids the journal: then
// all of it is hashed again. Not noticed: what is written within the same tick of the kernel's clock as a write of ours (a
// few ms), through a mapping, or by somebody who sets the time back.

import type { Log } from "../core/index.ts";
import type { Info } from "../metainfo/index.ts";
import { absolutePath, allPieces, relativePath, type ArtifactPaths, type PieceHashSource } from "./artifact.ts";
import { examineFiles } from "./payload-files.ts";
import { checkPieces } from "./payload-hashing.ts";
import { readJournal } from "./resume-journal.ts";
import { judgeResume } from "./resume-trust.ts";
import { StorageError, withStorageErrors } from "./storage-error.ts";
import type { StorageWorkers } from "./storage-workers.ts";
import { bootId } from "./store-lock.ts";

/** @throws StorageError storage.changed, with the file's path */
export async function checkUnaltered(
  info: Info,
  paths: ArtifactPaths,
  pieceHash: PieceHashSource,
  workers: StorageWorkers,
  log: Log,
): Promise<void> {
  const { layout } = info;
  const root = paths.part;
  const states = await withStorageErrors(root, () => examineFiles(layout, root));
  const trust = judgeResume(info, await readJournal(paths.journal), states, bootId());
  const good = new Set([...trust.durable, ...trust.written]);
  if (good.size < layout.pieceCount) {
    // It may take long, and nobody would know why.
    log.write("warn", "storage.checked-again", { path: root, pieces: layout.pieceCount - good.size });
    for (const piece of await checkPieces({ layout, root, access: "read", workers }, trust.doubtful, pieceHash)) {
      good.add(piece);
    }
    workers.closeFiles(root);
  }
  for (const piece of allPieces(layout)) {
    if (good.has(piece)) continue;
    const file = layout.files[layout.segments(piece)[0]?.fileIndex ?? 0];
    const path = file === undefined ? root : absolutePath(root, relativePath(layout, file));
    throw new StorageError(
      "storage.changed",
      `The file was changed or removed during the download. Start it again to fetch what is bad: ${path}`,
    );
  }
}
