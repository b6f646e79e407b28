// The open files of one I/O thread: the least recently used is closed when the table is full. Each thread has its
// own table, and a thread does one thing at a time, so a file is never closed under an operation.
//
// Attack: a symbolic link planted in the artifact's folder, as the file itself or as a folder on the way to it, that
// points outside. Every component below the root and the root itself is looked at (lstat) before each open, and the
// last one is opened with O_NOFOLLOW. Somebody who may write into the folder and swaps a component between the look
// and the open is not held off: that person could as well write the files.

import type { FileAccess, FileCalls } from "./file-calls.ts";
import { ioError } from "./io-failure.ts";

export class FileTable {
  readonly #calls: FileCalls;
  readonly #openMax: number;
  readonly #open = new Map<string, number>();

  constructor(calls: FileCalls, openMax: number) {
    this.#calls = calls;
    this.#openMax = openMax;
  }

  /** `relative` is "" where the root is itself the file, else elements joined with "/". */
  get(root: string, relative: string, access: FileAccess): number {
    const path = relative === "" ? root : `${root}/${relative}`;
    const key = `${access}:${path}`;
    const known = this.#open.get(key);
    if (known !== undefined) {
      this.#open.delete(key);
      this.#open.set(key, known);
      return known;
    }
    checkComponents(this.#calls, root, relative);
    for (const [oldest, fd] of this.#open) {
      if (this.#open.size < this.#openMax) break;
      this.#open.delete(oldest);
      this.#calls.close(fd);
    }
    const fd = this.#openWithRoom(path, access);
    this.#open.set(key, fd);
    return fd;
  }

  /** Where the process is out of descriptors, those of this table give way, the least recently used first. */
  #openWithRoom(path: string, access: FileAccess): number {
    for (;;) {
      try {
        return this.#calls.open(path, access);
      } catch (error) {
        const { code } = error as NodeJS.ErrnoException;
        const [oldest] = this.#open;
        if (oldest === undefined || (code !== "EMFILE" && code !== "ENFILE")) throw error;
        this.#open.delete(oldest[0]);
        this.#calls.close(oldest[1]);
      }
    }
  }

  /** Closes what lies at or below `root`. */
  closeUnder(root: string): void {
    for (const [key, fd] of this.#open) {
      const path = key.slice(key.indexOf(":") + 1);
      if (path !== root && !path.startsWith(`${root}/`)) continue;
      this.#open.delete(key);
      this.#calls.close(fd);
    }
  }

  closeAll(): void {
    for (const fd of this.#open.values()) this.#calls.close(fd);
    this.#open.clear();
  }
}

/** @throws an error with code ELOOP, ENOTDIR, ENOTFILE or an errno, and the path of the component */
function checkComponents(calls: FileCalls, root: string, relative: string): void {
  const elements = relative === "" ? [] : relative.split("/");
  let path = root;
  for (let depth = 0; depth <= elements.length; depth++) {
    if (depth > 0) path += `/${elements[depth - 1]}`;
    const stats = calls.lstat(path);
    const isLast = depth === elements.length;
    if (isLast ? stats.isFile() : stats.isDirectory()) continue;
    const code = stats.isSymbolicLink() ? "ELOOP" : isLast ? "ENOTFILE" : "ENOTDIR";
    throw ioError(code, path, "not followed");
  }
}
