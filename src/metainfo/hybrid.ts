// The two halves of a hybrid torrent (BEP 52, "Upgrade Path"). A v1 client reads one half, a v2 client the other: were
// they to differ, one torrent would be two payloads, and whoever checked one of them would have checked nothing.
//
// Invariant: what passes has the same names, lengths, order and attributes in both halves, and each file with a length
// begins a piece, so that both halves number the same pieces.

import { MetainfoError, shown } from "./errors.ts";
import type { FileList } from "./files-v1.ts";
import type { LayoutEntry } from "./layout.ts";

/** The v1 list (it has the pad files) with the roots of the v2 tree. @throws MetainfoError */
export function joinHalves(v1: FileList, v2: FileList, pieceLengthBytes: number): FileList {
  // A folder that holds one file of its own name looks like a single file in v2; v1 says which it is.
  if (!v1.isFolder && v2.isFolder)
    throw new MetainfoError("metainfo.hybrid", "One half is a single file, the other a folder.");
  let next = 0;
  let offset = 0;
  const entries = v1.entries.map((entry) => {
    const start = offset;
    offset += entry.lengthBytes;
    if (entry.kind === "pad") return entry;
    if (entry.lengthBytes > 0 && start % pieceLengthBytes !== 0) {
      throw new MetainfoError(
        "metainfo.alignment",
        `The file ${shown(entry.path)} does not begin at a piece: a pad file is missing or has another length.`,
      );
    }
    return joinEntry(entry, v2.entries[next++]);
  });
  const rest = v2.entries[next];
  if (rest !== undefined) throw disagree(rest, "is in the v2 half alone");
  return { isFolder: v1.isFolder, entries };
}

function joinEntry(a: LayoutEntry, b: LayoutEntry | undefined): LayoutEntry {
  if (b === undefined) throw disagree(a, "is in the v1 half alone");
  if (!samePath(a.path, b.path)) throw disagree(a, `stands where the v2 half has ${shown(b.path)}`);
  if (a.lengthBytes !== b.lengthBytes) throw disagree(a, `has ${a.lengthBytes} bytes in v1 and ${b.lengthBytes} in v2`);
  if (a.kind !== b.kind || a.executable !== b.executable) throw disagree(a, "has other attributes in v1 than in v2");
  if (!samePath(a.symlinkTarget ?? [], b.symlinkTarget ?? [])) throw disagree(a, "is a symlink with two targets");
  return { ...a, piecesRoot: b.piecesRoot };
}

function samePath(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((element, index) => element === b[index]);
}

function disagree(entry: LayoutEntry, fault: string): MetainfoError {
  return new MetainfoError(
    "metainfo.hybrid",
    `The two halves of the hybrid torrent disagree: the file ${shown(entry.path)} ${fault}.`,
  );
}
