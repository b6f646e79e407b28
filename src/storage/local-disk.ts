// Whether a folder lies on a file system of this machine's own. One that is reached over a network, or by a process (FUSE),
// may not answer for minutes: whoever waits for it must not be the thread that answers peers and signals.

import fs from "node:fs/promises";

/** statfs(2), `f_type`. What is not listed counts as one that may not answer. */
const LOCAL_TYPES: ReadonlySet<number> = new Set([
  0xef53, // ext2, ext3, ext4
  0x5846_5342, // XFS
  0x9123_683e, // Btrfs
  0xca45_1a4e, // bcachefs
  0x2fc1_2fc1, // ZFS
  0xf2f5_2010, // F2FS
  0x0102_1994, // tmpfs
  0x8584_58f6, // ramfs
  0x794c_7630, // overlay: of a container, over one of these
]);

/** False where the system is another than Linux, whose numbers these are. @throws what statfs throws */
export async function isLocalDisk(folder: string): Promise<boolean> {
  if (process.platform !== "linux") return false;
  const { type } = await fs.statfs(folder);
  return isLocalType(type);
}

/** Some systems give the number with its sign. */
export function isLocalType(type: number): boolean {
  return LOCAL_TYPES.has(type >>> 0);
}
