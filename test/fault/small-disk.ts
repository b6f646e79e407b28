// File systems of a few MiB for tests, which can be filled, grown, made read-only and broken. Mounting needs root: whoever
// has none of it skips, and says so. Invariant: nothing stays mounted when this process ends.

import { execFileSync } from "node:child_process";
import {
  closeSync,
  mkdtempSync,
  openSync,
  readFileSync,
  rmdirSync,
  rmSync,
  statfsSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";

function run(command: string, ...argv: string[]): string {
  return execFileSync(command, argv, { encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] });
}

/** A disk in memory. */
export class SmallDisk implements Disposable {
  readonly path: string;
  #isMounted = true;

  constructor(sizeBytes: number) {
    this.path = mkdtempSync(join(tmpdir(), "upswarm-disk-"));
    run("mount", "-t", "tmpfs", "-o", `size=${sizeBytes}`, "none", this.path);
    process.on("exit", this.#unmount);
  }

  get freeBytes(): number {
    const { bavail, bsize } = statfsSync(this.path);
    return bavail * bsize;
  }

  resize(sizeBytes: number): void {
    run("mount", "-o", `remount,size=${sizeBytes}`, this.path);
  }

  setReadOnly(isReadOnly: boolean): void {
    run("mount", "-o", `remount,${isReadOnly ? "ro" : "rw"}`, this.path);
  }

  /** Somebody else's file takes all but so many bytes. Returns what takes it away again. */
  fill(leftBytes: number): () => void {
    const path = join(this.path, "somebody-else's");
    const fd = openSync(path, "w");
    const page = Buffer.alloc(4096, 1);
    try {
      while (this.freeBytes > leftBytes) writeSync(fd, page);
    } catch (error) {
      // Whatever else writes there was faster.
      if ((error as NodeJS.ErrnoException).code !== "ENOSPC") throw error;
    } finally {
      closeSync(fd);
    }
    return () => rmSync(path);
  }

  [Symbol.dispose](): void {
    this.#unmount();
    process.off("exit", this.#unmount);
  }

  readonly #unmount = (): void => {
    if (!this.#isMounted) return;
    this.#isMounted = false;
    run("umount", "-l", this.path);
    rmdirSync(this.path);
  };
}

/** An ext4 file system in a file, that its kernel can be told to find damaged: it is then read-only, in the middle of whatever. */
export class FragileDisk implements Disposable {
  readonly path: string;
  readonly #image: string;
  #isMounted = false;

  constructor(sizeBytes: number) {
    this.path = mkdtempSync(join(tmpdir(), "upswarm-disk-"));
    this.#image = `${this.path}.image`;
    writeFileSync(this.#image, "");
    run("truncate", "-s", String(sizeBytes), this.#image);
    run("mkfs.ext4", "-q", "-F", "-O", "^has_journal", this.#image);
    process.on("exit", this.#remove);
    this.#mount();
  }

  /** What was written is on the device. */
  sync(): void {
    run("sync", "-f", this.path);
  }

  break(): void {
    const device = run("findmnt", "-no", "SOURCE", this.path).trim();
    writeFileSync(`/sys/fs/ext4/${basename(device)}/trigger_fs_error`, "1");
  }

  get isReadOnly(): boolean {
    const line = readFileSync("/proc/mounts", "utf8")
      .split("\n")
      .find((each) => each.includes(` ${this.path} `));
    return /[ ,](?:ro|emergency_ro)[ ,]/.test(line ?? "");
  }

  /** Unmounted, checked, mounted anew. */
  repair(): void {
    run("umount", this.path);
    this.#isMounted = false;
    try {
      run("e2fsck", "-fy", this.#image);
    } catch (error) {
      // 1: errors were corrected.
      if ((error as { status?: number }).status !== 1) throw error;
    }
    this.#mount();
  }

  [Symbol.dispose](): void {
    this.#remove();
    process.off("exit", this.#remove);
  }

  #mount(): void {
    run("mount", "-o", "loop,errors=remount-ro", this.#image, this.path);
    this.#isMounted = true;
  }

  readonly #remove = (): void => {
    if (this.#isMounted) run("umount", "-l", this.path);
    this.#isMounted = false;
    rmSync(this.#image, { force: true });
    rmSync(this.path, { recursive: true, force: true });
  };
}

function reasonWithout(make: () => Disposable): string | false {
  if (process.getuid?.() !== 0) return "not root: no small file system can be mounted";
  try {
    make()[Symbol.dispose]();
    return false;
  } catch (error) {
    const text =
      String((error as { stderr?: unknown }).stderr ?? error)
        .trim()
        .split("\n")[0] ?? "";
    return `no small file system can be mounted here: ${text}`;
  }
}

/** Why tests with a small disk are skipped; false where they are not. */
export const noSmallDisk: string | false = reasonWithout(() => new SmallDisk(65_536));

/** The same for one that can break. It takes a moment to find out. */
export function noFragileDisk(): string | false {
  return reasonWithout(() => {
    const disk = new FragileDisk(4 << 20);
    try {
      disk.break();
    } catch (error) {
      disk[Symbol.dispose]();
      throw error;
    }
    return disk;
  });
}
