// The file operations of an I/O thread behind one small interface, so that tests can make any of them fail. The
// faults come with the thread's start data; production code never sets them.

import fs from "node:fs";
import { ioError } from "./io-failure.ts";
import type { FileState } from "./resume-trust.ts";

export type FileAccess = "read" | "write" | "append";

export interface FileCalls {
  open(path: string, access: FileAccess): number;
  close(fd: number): void;
  /** Bytes read; 0 at the end of the file. */
  read(fd: number, into: Uint8Array, position: number): number;
  /** Bytes written, possibly fewer than given. */
  write(fd: number, bytes: Uint8Array, position: number): number;
  append(fd: number, bytes: Uint8Array): number;
  stateOf(fd: number): FileState;
  lstat(path: string): fs.Stats;
}

/** Not followed: a planted link must not redirect us. Absent on Windows, where the lstat before it has to do. */
const NOFOLLOW = fs.constants.O_NOFOLLOW ?? 0;
const FLAGS: Readonly<Record<FileAccess, number>> = {
  read: fs.constants.O_RDONLY | NOFOLLOW,
  write: fs.constants.O_RDWR | NOFOLLOW,
  append: fs.constants.O_WRONLY | fs.constants.O_APPEND | NOFOLLOW,
};

export const systemFileCalls: FileCalls = {
  open: (path, access) => fs.openSync(path, FLAGS[access]),
  close: (fd) => fs.closeSync(fd),
  read: (fd, into, position) => fs.readSync(fd, into, 0, into.length, position),
  write: (fd, bytes, position) => fs.writeSync(fd, bytes, 0, bytes.length, position),
  append: (fd, bytes) => fs.writeSync(fd, bytes),
  stateOf: (fd) => {
    const { size, mtimeNs } = fs.fstatSync(fd, { bigint: true });
    return { sizeBytes: Number(size), modifiedNs: mtimeNs };
  },
  lstat: (path) => fs.lstatSync(path),
};

/** Test only: what goes wrong in the I/O threads. */
export interface FileFault {
  readonly call: "open" | "read" | "write" | "append";
  /** An errno name; "EXIT" ends the thread in the middle of the call; "PARTIAL" does half of the write. */
  readonly code: string;
  /** The first `times` calls fail; "each-once" fails the first try at every file and position. */
  readonly times: number | "each-once";
}

export function faultyFileCalls(calls: FileCalls, faults: readonly FileFault[]): FileCalls {
  const paths = new Map<number, string>();
  const left = faults.map((fault) => ({ fault, times: fault.times, seen: new Set<string>() }));
  const strike = (call: FileFault["call"], place: string): string | null => {
    for (const entry of left) {
      if (entry.fault.call !== call) continue;
      if (entry.times === "each-once") {
        if (entry.seen.has(place)) continue;
        entry.seen.add(place);
        return entry.fault.code;
      }
      if (entry.times > 0) {
        entry.times--;
        return entry.fault.code;
      }
    }
    return null;
  };
  const guard = (call: FileFault["call"], path: string, place = path): boolean => {
    const code = strike(call, place);
    if (code === "EXIT") process.exit(3);
    if (code !== null && code !== "PARTIAL") throw ioError(code, path, "injected");
    return code !== null;
  };
  return {
    ...calls,
    open: (path, access) => {
      guard("open", path);
      const fd = calls.open(path, access);
      paths.set(fd, path);
      return fd;
    },
    read: (fd, into, position) => {
      guard("read", paths.get(fd) ?? "", `${paths.get(fd)}@${position}`);
      return calls.read(fd, into, position);
    },
    write: (fd, bytes, position) => {
      const half = guard("write", paths.get(fd) ?? "", `${paths.get(fd)}@${position}`);
      return calls.write(fd, half ? bytes.subarray(0, Math.ceil(bytes.length / 2)) : bytes, position);
    },
    append: (fd, bytes) => {
      const half = guard("append", paths.get(fd) ?? "");
      return calls.append(fd, half ? bytes.subarray(0, bytes.length >> 1) : bytes);
    },
  };
}
