// A vendor's tarball from the npm registry by the ordinary npm client, checked against the SHA-1 and SHA-512 that the
// vendor publishes.

import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";

const NPM_TIMEOUT_MS = 120_000;

export interface Tarball {
  readonly path: string;
  readonly sums: Sums;
}

export interface Sums {
  /** Hex, as `dist.shasum` has it. */
  readonly sha1: string;
  /** `sha512-` and base64, as `dist.integrity` has it. */
  readonly sha512: string;
}

/** @throws Error where the file is not the published one; null where the registry cannot be had */
export function fetchTarball(name: string, folder: string): Tarball | null {
  const published = npm(["view", name, "dist", "--json"]);
  const packed = npm(["pack", name, "--pack-destination", folder, "--json", "--ignore-scripts"]);
  if (published === null || packed === null) return null;
  const { shasum, integrity } = JSON.parse(published) as { shasum: string; integrity: string };
  const [first] = Object.values(JSON.parse(packed) as Record<string, { filename: string }>);
  const path = join(folder, first?.filename ?? "");
  const sums = sumsOf(path);
  if (sums.sha1 !== shasum || sums.sha512 !== integrity) {
    throw new Error(`${path} does not have the hashes that the vendor publishes: ${shasum}, ${integrity}`);
  }
  return { path, sums };
}

export function sumsOf(path: string): Sums {
  const bytes = readFileSync(path);
  return {
    sha1: createHash("sha1").update(bytes).digest("hex"),
    sha512: `sha512-${createHash("sha512").update(bytes).digest("base64")}`,
  };
}

function npm(words: readonly string[]): string | null {
  const { status, stdout } = spawnSync("npm", words, { encoding: "utf8", timeout: NPM_TIMEOUT_MS });
  return status === 0 ? stdout : null;
}
