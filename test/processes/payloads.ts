// Payloads on disk, the same on every run, and what a tree of files is, for comparing.

import { createHash } from "node:crypto";
import {
  chmodSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, relative } from "node:path";
import { seededRandom } from "../../src/core/index.ts";

/** Bytes without repetition, so that no piece can be taken for another. */
export function noise(lengthBytes: number, seed = 1): Buffer {
  const random = seededRandom(seed);
  const key = random.bytes(32);
  const blocks = Array.from({ length: Math.ceil(lengthBytes / 64) }, (_, index) =>
    createHash("sha512").update(key).update(String(index)).digest(),
  );
  return Buffer.concat(blocks).subarray(0, lengthBytes);
}

export interface FolderOptions {
  readonly symlink?: boolean;
  readonly manyFiles?: number;
  readonly largeBytes?: number;
}

/** Many files, empty files, an executable, a symlink, names outside ASCII, and one file of several pieces. */
export function writeFolder(root: string, options: FolderOptions = {}): string {
  const { symlink = true, manyFiles = 40, largeBytes = 1_500_000 } = options;
  const put = (path: string, bytes: Buffer): void => {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), bytes);
  };
  put("bin/run", noise(90_001, 2));
  chmodSync(join(root, "bin/run"), 0o755);
  put("empty", Buffer.alloc(0));
  put("data/empty too", Buffer.alloc(0));
  put("data/large.bin", noise(largeBytes, 3));
  put("data/\u00fcbung \u2013 na\u00efve.txt", Buffer.from("gr\u00fc\u00df dich\n"));
  put("data/\u66f4\u65b0/\u8aac\u660e.txt", noise(20_000, 4));
  put("data/\ud83d\udce6.bin", noise(16_384, 5));
  for (let index = 0; index < manyFiles; index++)
    put(`many/${index % 7}/file-${index}`, noise(index * 701, 10 + index));
  if (symlink) symlinkSync("bin/run", join(root, "start"));
  return root;
}

/** Every file's path with its SHA-256, execute bit or target: what two equal trees have in common. */
export function treeOf(root: string): Readonly<Record<string, string>> {
  const tree: Record<string, string> = {};
  const visit = (path: string): void => {
    const stats = lstatSync(path);
    const name = relative(root, path) || ".";
    if (stats.isDirectory()) for (const entry of readdirSync(path).sort()) visit(join(path, entry));
    else if (stats.isSymbolicLink()) tree[name] = `link to ${readlinkSync(path)}`;
    else tree[name] = `${sha256(path)}${(stats.mode & 0o100) === 0 ? "" : " executable"}`;
  };
  visit(root);
  return tree;
}

/** The same without what clients differ in: modes and links. Links are read through. */
export function contentsOf(root: string, names: Iterable<string>): Readonly<Record<string, string>> {
  return Object.fromEntries([...names].map((name) => [name, sha256(join(root, name))]));
}

export function sha256(path: string): string {
  return createHash("sha256").update(readFileSync(path)).digest("hex");
}

/** A folder that is removed when this process ends. */
export function scratchFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "upswarm-test-"));
  process.on("exit", () => rmSync(folder, { recursive: true, force: true }));
  return folder;
}
