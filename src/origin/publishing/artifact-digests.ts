// The digests of a whole file, by which a person compares it with the vendor's page. Piece hashes do not give them, so the
// file is read a second time, from the page cache, by a thread of its own beside the piece hashing: the thread that
// serves the world does none of it. (Measured on 2 cores: SHA-1 and SHA-256 of a file take 1.3 s a GiB in one thread.)

import { Worker } from "node:worker_threads";
import { HASH_READ_BYTES } from "../../core/index.ts";
import type { HashAlgorithm } from "../domain.ts";

export interface DigestOrder {
  readonly path: string;
  readonly algorithms: readonly HashAlgorithm[];
  readonly readBytes: number;
}

/** `hex` comes with the last one, in the order of the algorithms. */
export interface DigestAnswer {
  readonly doneBytes: number;
  readonly hex?: readonly string[];
}

export type ArtifactDigests = Readonly<Partial<Record<HashAlgorithm, string>>>;

export interface DigestOptions {
  readonly onProgress?: ((doneBytes: number) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** Hex by algorithm. @throws what the file system throws; the signal's reason */
export async function digestArtifact(
  path: string,
  algorithms: readonly HashAlgorithm[],
  { onProgress, signal }: DigestOptions = {},
): Promise<ArtifactDigests> {
  signal?.throwIfAborted();
  const order: DigestOrder = { path, algorithms, readBytes: HASH_READ_BYTES };
  const worker = new Worker(threadModule(), { name: "digest", workerData: order, execArgv: [] });
  const { promise, resolve, reject } = Promise.withResolvers<readonly string[]>();
  worker.on("message", ({ doneBytes, hex }: DigestAnswer) => {
    onProgress?.(doneBytes);
    if (hex !== undefined) resolve(hex);
  });
  worker.on("error", reject);
  worker.on("exit", () => reject(new Error(`The thread that hashed ${path} ended without an answer.`)));
  const abort = (): void => reject(signal?.reason);
  signal?.addEventListener("abort", abort);
  try {
    const hex = await promise;
    return Object.fromEntries(algorithms.map((algorithm, index) => [algorithm, hex[index]]));
  } finally {
    signal?.removeEventListener("abort", abort);
    await worker.terminate();
  }
}

/** The compiler rewrites import specifiers but not this one: it is .ts in the sources and .js when built. */
function threadModule(): URL {
  const module = new URL("./digest-thread.ts", import.meta.url);
  if (import.meta.url.endsWith(".js")) module.pathname = module.pathname.replace(/ts$/, "js");
  return module;
}
