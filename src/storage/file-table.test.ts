import assert from "node:assert/strict";
import type { Stats } from "node:fs";
import { test } from "node:test";
import { systemFileCalls, type FileCalls } from "./file-calls.ts";
import { FileTable } from "./file-table.ts";
import { ioError } from "./io-failure.ts";

/** Files that are all there, of a process that has room for so many. */
function processWith(descriptorsMax: number): { calls: FileCalls; open: Map<number, string> } {
  const open = new Map<number, string>();
  let next = 3;
  const calls: FileCalls = {
    ...systemFileCalls,
    open: (path) => {
      if (open.size >= descriptorsMax) throw ioError("EMFILE", path, "too many open files");
      open.set(next, path);
      return next++;
    },
    close: (fd) => void open.delete(fd),
    lstat: (path) => ({ isFile: () => path !== "/r", isDirectory: () => path === "/r" }) as Stats,
  };
  return { calls, open };
}

test("FileTable keeps so many files open, and closes the least recently used", () => {
  const { calls, open } = processWith(100);
  const table = new FileTable(calls, 2);
  for (const name of ["a", "b", "a", "c"]) table.get("/r", name, "read");
  assert.deepEqual([...open.values()], ["/r/a", "/r/c"]);
});

test("FileTable does with fewer where the process has no more descriptors, and reports only that it has none at all", () => {
  const { calls, open } = processWith(2);
  const table = new FileTable(calls, 64);
  for (const name of ["a", "b", "c", "d"]) table.get("/r", name, "read");
  assert.deepEqual([...open.values()], ["/r/c", "/r/d"]);
  const none = new FileTable(calls, 64);
  assert.throws(() => none.get("/r", "e", "read"), { code: "EMFILE", path: "/r/e" });
});
