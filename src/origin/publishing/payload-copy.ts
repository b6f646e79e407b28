// Copying a payload into a staged folder. Where the file system can share the bytes (btrfs, XFS, APFS) nothing is copied;
// else bytes are read and written, with progress. What is hashed and served afterwards is the copy, so it does not matter
// what becomes of the original.

import { constants } from "node:fs";
import fs from "node:fs/promises";
import { dirname, join } from "node:path";
import { COPY_BYTES } from "../../core/index.ts";
import { withStorageErrors, type PayloadScan } from "../../storage/index.ts";

export interface CopyOptions {
  readonly onProgress?: ((progress: { readonly doneBytes: number; readonly totalBytes: number }) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** `target`: the artifact's path to be. @throws StorageError; the signal's reason */
export async function copyPayload(scan: PayloadScan, target: string, options: CopyOptions = {}): Promise<void> {
  const { signal, onProgress } = options;
  const totalBytes = scan.entries.reduce((sum, { lengthBytes }) => sum + lengthBytes, 0);
  let doneBytes = 0;
  const onBytes = (count: number): void => {
    doneBytes += count;
    // A file that grows meanwhile is refused when it is hashed.
    onProgress?.({ doneBytes: Math.min(doneBytes, totalBytes), totalBytes });
  };
  const folders = new Set<string>();
  for (const { kind, path } of scan.entries) {
    signal?.throwIfAborted();
    const from = scan.isFolder ? join(scan.path, ...path) : scan.path;
    const to = scan.isFolder ? join(target, ...path) : target;
    await withStorageErrors(to, async () => {
      if (!folders.has(dirname(to))) await fs.mkdir(dirname(to), { recursive: true });
      folders.add(dirname(to));
      if (kind === "symlink") await fs.symlink(await fs.readlink(from), to);
      else await copyFile(from, to, onBytes, signal);
    });
  }
}

async function copyFile(
  from: string,
  to: string,
  onBytes: (count: number) => void,
  signal: AbortSignal | undefined,
): Promise<void> {
  try {
    await fs.copyFile(from, to, constants.COPYFILE_EXCL | constants.COPYFILE_FICLONE_FORCE);
    onBytes((await fs.stat(to)).size);
    return;
  } catch (error) {
    // Whatever it says that this cannot be shared; if the cause is another one, copying meets it again.
    await fs.rm(to, { force: true });
    if (!(error instanceof Error && "syscall" in error)) throw error;
  }
  await using source = await fs.open(from, "r");
  const { mode } = await source.stat();
  await using copy = await fs.open(to, "wx", mode & 0o777);
  const memory = Buffer.allocUnsafe(COPY_BYTES);
  for (;;) {
    signal?.throwIfAborted();
    const { bytesRead } = await withStorageErrors(from, () => source.read(memory, 0, memory.length));
    if (bytesRead === 0) return;
    for (let at = 0; at < bytesRead;) at += (await copy.write(memory, at, bytesRead - at)).bytesWritten;
    onBytes(bytesRead);
  }
}
