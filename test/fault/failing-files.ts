// Makes one file operation of node:fs fail, whichever it is: the n-th below one folder, counted over this thread and the
// I/O threads together. So that nothing of the product has to know: the functions of node:fs are replaced, here and, by
// NODE_OPTIONS, in every thread that is started later. SQLite has files of its own, which this does not reach.
//
// A fault fails before the operation is done, except: a write that fails writes half of its bytes first, as a disk does
// that fills up; "SHORT" is a write of half the bytes that succeeds.

import assert from "node:assert/strict";
import fs from "node:fs";
import { syncBuiltinESMExports } from "node:module";
import type { TestContext } from "node:test";
import { getEnvironmentData, isMainThread, setEnvironmentData } from "node:worker_threads";

export type FaultCode = "EIO" | "ENOSPC" | "EDQUOT" | "EROFS" | "EACCES" | "EMFILE" | "SHORT";
type Call = (...args: unknown[]) => unknown;
type Calls = Record<string, unknown>;

const CODES: readonly FaultCode[] = ["EIO", "ENOSPC", "EDQUOT", "EROFS", "EACCES", "EMFILE", "SHORT"];
const KEY = "upswarm-failing-files";
/** Where each figure is in the shared memory: operations seen, which one fails, its code, whether it came to that. */
const SEEN = 0;
const FAILING = 1;
const CODE = 2;
const STRUCK = 3;

interface Shared {
  readonly root: string;
  readonly memory: SharedArrayBuffer;
}

export class FailingFiles {
  readonly #figures: Int32Array;
  #struck = "";
  #seen = 0;

  private constructor(memory: SharedArrayBuffer) {
    this.#figures = new Int32Array(memory);
  }

  /** Once a process, before its first I/O thread is started. */
  static install(root: string): FailingFiles {
    const shared: Shared = { root, memory: new SharedArrayBuffer(16) };
    setEnvironmentData(KEY, shared);
    process.env["NODE_OPTIONS"] = `${process.env["NODE_OPTIONS"] ?? ""} --import=${import.meta.url}`;
    const failing = new FailingFiles(shared.memory);
    replaceCalls(shared, (what) => (failing.#struck = what));
    return failing;
  }

  /** From now on the `at`-th operation fails (the first is 1), and none after it. */
  arm(at: number, code: FaultCode): void {
    this.#struck = "";
    this.#figures.fill(0);
    this.#figures[CODE] = CODES.indexOf(code);
    this.#figures[FAILING] = at;
  }

  disarm(): void {
    this.#figures[FAILING] = 0;
    this.#seen = this.#figures[SEEN] ?? 0;
  }

  /** Operations while it was armed. */
  get seen(): number {
    return this.#seen;
  }

  /** What failed, for messages; "" where nothing did. */
  get struck(): string {
    if (this.#figures[STRUCK] === 0) return "";
    return this.#struck === "" ? "an operation of an I/O thread" : this.#struck;
  }
}

/**
 * Lets each operation fail in turn (each `step`-th, with the codes in turn), from the first to the last there is, and collects what `check` throws and how often it
 * says what. `check` arms just before the work that is to fail, and disarms when that has ended.
 */
export async function failEach(
  t: TestContext,
  failing: FailingFiles,
  { codes, step }: { readonly codes: readonly FaultCode[]; readonly step: number },
  check: (at: number, arm: () => void) => Promise<string>,
): Promise<void> {
  const counts = new Map<string, number>();
  const failures: string[] = [];
  let turn = 0;
  for (let at = 1; ; at += step) {
    const outcome = await check(at, () => failing.arm(at, codes[turn++ % codes.length] ?? "EIO")).catch(
      (error: unknown) => {
        failures.push(`operation ${at}, ${failing.struck}: ${String(error)}`);
        return "wrong";
      },
    );
    if (failing.struck === "") break;
    counts.set(outcome, (counts.get(outcome) ?? 0) + 1);
  }
  t.diagnostic(`${failing.seen} operations; ${[...counts].map(([key, count]) => `${key}: ${count}`).join(", ")}`);
  assert.deepEqual(failures, []);
  assert.ok(failing.seen > 20, "the faults are where the work is");
}

/** By the name of the operation: null where it goes on, else the code that it fails with. */
type Strike = (operation: string, path: string) => FaultCode | null;

function replaceCalls({ root, memory }: Shared, onStruck: (what: string) => void): void {
  const figures = new Int32Array(memory);
  const strike: Strike = (operation, path) => {
    if (path !== root && !path.startsWith(`${root}/`)) return null;
    if (Atomics.add(figures, SEEN, 1) + 1 !== Atomics.load(figures, FAILING)) return null;
    Atomics.store(figures, STRUCK, 1);
    const code = CODES[figures[CODE] ?? 0] ?? "EIO";
    onStruck(`${operation} ${code} ${path}`);
    return code;
  };
  replaceSync(fs, strike);
  replacePromises(fs.promises, strike);
  syncBuiltinESMExports();
}

function errorOf(code: FaultCode, operation: string, path: string): Error {
  const text = `${code}: injected fault, ${operation} '${path}'`;
  return Object.assign(new Error(text), { code, syscall: operation, path, errno: -1 });
}

/** With a path first. Of two paths either may be below the folder. */
const BY_PATH = ["lstat", "stat", "statfs", "mkdir", "rename", "rm", "rmdir", "unlink", "link", "symlink", "readlink"];
const MORE_BY_PATH = ["chmod", "copyFile", "readdir", "readFile", "realpath", "truncate", "utimes", "access"];

function pathOf(args: readonly unknown[]): string {
  return (
    args
      .slice(0, 2)
      .map(String)
      .find((path) => path.startsWith("/")) ?? ""
  );
}

function replaceSync(calls: Calls, strike: Strike): void {
  const paths = new Map<unknown, string>();
  const original = new Map(Object.entries(calls));
  const callOf = (name: string): Call => original.get(name) as Call;
  const put = (name: string, call: Call): void => void (calls[name] = Object.assign(call, callOf(name)));
  put("openSync", (...args) => {
    const path = pathOf(args);
    const code = strike("open", path);
    if (code !== null && code !== "SHORT") throw errorOf(code, "open", path);
    const fd = callOf("openSync")(...args);
    paths.set(fd, path);
    return fd;
  });
  put("closeSync", (...args) => {
    paths.delete(args[0]);
    return callOf("closeSync")(...args);
  });
  for (const name of ["readSync", "fstatSync", "lstatSync", "statSync", "mkdirSync", "renameSync", "rmSync"]) {
    put(name, (...args) => {
      const path = typeof args[0] === "number" ? (paths.get(args[0]) ?? "") : pathOf(args);
      const code = strike(name, path);
      if (code !== null && code !== "SHORT") throw errorOf(code, name, path);
      return callOf(name)(...args);
    });
  }
  put("writeSync", (...args) => {
    const path = paths.get(args[0]) ?? "";
    const code = strike("write", path);
    if (code === null) return callOf("writeSync")(...args);
    const [fd, bytes, ...rest] = args as [number, Uint8Array, ...unknown[]];
    const half = bytes.subarray(0, bytes.length >> 1);
    const position = rest.at(2);
    const written = fs.writevSync(fd, [half], typeof position === "number" ? position : undefined);
    if (code !== "SHORT") throw errorOf(code, "write", path);
    return written;
  });
}

function replacePromises(calls: Calls, strike: Strike): void {
  const original = new Map(Object.entries(calls));
  const callOf = (name: string): Call => original.get(name) as Call;
  for (const name of [...BY_PATH, ...MORE_BY_PATH]) {
    calls[name] = (...args: unknown[]): unknown => {
      const path = pathOf(args);
      const code = strike(name, path);
      if (code !== null && code !== "SHORT") return Promise.reject(errorOf(code, name, path));
      return callOf(name)(...args);
    };
  }
  calls["open"] = async (...args: unknown[]): Promise<unknown> => {
    const path = pathOf(args);
    const code = strike("open", path);
    if (code !== null && code !== "SHORT") throw errorOf(code, "open", path);
    return withFaults((await callOf("open")(...args)) as Calls, path, strike);
  };
  calls["writeFile"] = async (...args: unknown[]): Promise<unknown> => {
    const path = pathOf(args);
    const code = strike("writeFile", path);
    if (code === null || code === "SHORT") return await callOf("writeFile")(...args);
    // The file is there by then, and half of what was to be in it.
    const data = args[1] as string | Uint8Array;
    if (code !== "EROFS" && code !== "EACCES" && code !== "EMFILE") {
      await callOf("writeFile")(path, data.slice(0, data.length >> 1), args[2]);
    }
    throw errorOf(code, "write", path);
  };
}

/** The operations of an open file. */
function withFaults(handle: Calls, path: string, strike: Strike): Calls {
  for (const name of ["read", "stat", "sync", "datasync", "truncate", "chmod", "readFile", "writeFile", "write"]) {
    const call = (handle[name] as Call).bind(handle);
    handle[name] = async (...args: unknown[]): Promise<unknown> => {
      const code = strike(name, path);
      if (code === null) return await call(...args);
      const [bytes] = args;
      if (name === "write" && bytes instanceof Uint8Array) {
        const offset = typeof args[1] === "number" ? args[1] : 0;
        const length = typeof args[2] === "number" ? args[2] : bytes.length - offset;
        const done = await call(bytes, offset, length >> 1, args[3]);
        if (code === "SHORT") return done;
      }
      if (code === "SHORT") return await call(...args);
      throw errorOf(code, name, path);
    };
  }
  return handle;
}

// A thread that was started with it: the folder and the figures come from the thread that starts it.
const inherited = isMainThread ? undefined : (getEnvironmentData(KEY) as unknown as Shared | undefined);
if (inherited !== undefined) replaceCalls(inherited, () => {});
