// The last steps of a download: modes, symbolic links, one rename to the final name. Nothing appears under the final
// name before it is whole, and nothing that stands there is ever replaced.

import fs from "node:fs/promises";
import { dirname, posix } from "node:path";
import type { Layout, TorrentFile } from "../metainfo/index.ts";
import { absolutePath, relativePath, type ArtifactPaths } from "./artifact.ts";
import { examineFiles, foreign, lstatOrNull, makeFolders, syncPath, type FileOnDisk } from "./payload-files.ts";
import { StorageError, withStorageErrors } from "./storage-error.ts";

export type FileFlaw = "missing" | "length" | "mode" | "symlink";

/** What is wrong with the files apart from their bytes, by file index. */
export async function findFlaws(
  layout: Layout,
  root: string,
  states: readonly (FileOnDisk | null)[],
): Promise<Map<number, FileFlaw>> {
  const flaws = new Map<number, FileFlaw>();
  for (const file of layout.files) {
    const flaw =
      file.kind === "symlink" ? await linkFlaw(layout, root, file) : fileFlaw(file, states[file.index] ?? null);
    if (flaw !== null) flaws.set(file.index, flaw);
  }
  return flaws;
}

/** The payload is all there under `paths.part` and synced. @throws StorageError storage.exists, and those of the disk */
export async function completeArtifact(layout: Layout, paths: ArtifactPaths): Promise<void> {
  const root = paths.part;
  const states = await withStorageErrors(root, () => examineFiles(layout, root));
  const folders = new Set<string>();
  for (const file of layout.files) {
    const path = absolutePath(root, relativePath(layout, file));
    if (file.kind === "symlink") continue;
    const flaw = fileFlaw(file, states[file.index] ?? null);
    if (flaw === "mode") await withStorageErrors(path, () => setExecutable(path, file.executable));
    else if (flaw !== null) {
      throw new StorageError("storage.changed", `The file was changed or removed during the download: ${path}`);
    }
    if (layout.isFolder && file.kind === "regular") collectFolders(root, file, folders);
  }
  // Links come last: until then no path of the tree leads through one.
  for (const file of layout.files) {
    if (file.kind !== "symlink") continue;
    await makeFolders(root, file, new Set());
    collectFolders(root, file, folders);
    await withStorageErrors(absolutePath(root, relativePath(layout, file)), () => makeLink(layout, root, file));
  }
  await withStorageErrors(paths.final, async () => {
    for (const folder of folders) await syncPath(folder, "folder");
    if ((await lstatOrNull(paths.final)) !== null) throw existsError(paths.final);
    await fs.rename(paths.part, paths.final);
  });
  // Done is done: if the rename is lost in a crash, the .part is found again.
  await syncPath(dirname(paths.final), "folder").catch(() => {});
}

export function existsError(path: string): StorageError {
  return new StorageError(
    "storage.exists",
    `Something else stands here already. Move it away or choose another folder; nothing was changed: ${path}`,
  );
}

function fileFlaw(file: TorrentFile, state: FileOnDisk | null): FileFlaw | null {
  if (file.kind !== "regular") return null;
  if (state === null) return "missing";
  if (state.sizeBytes !== file.lengthBytes) return "length";
  // Windows has no such flag.
  return process.platform !== "win32" && state.executable !== file.executable ? "mode" : null;
}

async function linkFlaw(layout: Layout, root: string, file: TorrentFile): Promise<FileFlaw | null> {
  const path = absolutePath(root, relativePath(layout, file));
  const stats = await lstatOrNull(path);
  if (stats === null) return "missing";
  if (!stats.isSymbolicLink()) return "symlink";
  return (await fs.readlink(path)) === linkText(file) ? null : "symlink";
}

/** Relative, so that the tree can be moved. */
function linkText(file: TorrentFile): string {
  const folder = file.path.slice(0, -1).join("/");
  return posix.relative(`/${folder}`, `/${(file.symlinkTarget ?? []).join("/")}`) || ".";
}

async function makeLink(layout: Layout, root: string, file: TorrentFile): Promise<void> {
  const path = absolutePath(root, relativePath(layout, file));
  const stats = await lstatOrNull(path);
  if (stats !== null && !stats.isSymbolicLink()) throw foreign(path, stats);
  if (stats !== null && (await fs.readlink(path)) === linkText(file)) return;
  if (stats !== null) await fs.unlink(path);
  await fs.symlink(linkText(file), path);
}

/** Adds the execute bits where there are read bits, or takes them all. */
async function setExecutable(path: string, executable: boolean): Promise<void> {
  const { mode } = await fs.lstat(path);
  await fs.chmod(path, executable ? mode | ((mode & 0o444) >> 2) : mode & ~0o111);
}

function collectFolders(root: string, file: TorrentFile, folders: Set<string>): void {
  for (let depth = 0; depth < file.path.length; depth++) {
    folders.add(absolutePath(root, file.path.slice(0, depth).join("/")));
  }
}
