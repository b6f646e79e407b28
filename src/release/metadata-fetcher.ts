// tuf-js's way to the network: each file has a limit of its kind, whatever length the metadata claims, and a time
// within which it has to be there whole. It remembers what failed, since tuf-js turns causes into text.

import { writeFile } from "node:fs/promises";
import type { Fetcher } from "tuf-js";
import { DownloadHTTPError } from "tuf-js/dist/error.js";
import {
  METAINFO_LENGTH_MAX_BYTES,
  ROOT_BYTES_MAX,
  SNAPSHOT_BYTES_MAX,
  TARGETS_BYTES_MAX,
  TIMESTAMP_BYTES_MAX,
} from "../core/index.ts";
import { NetError, type DocumentClient } from "../net/index.ts";

export interface MetadataFetcherDeps {
  readonly http: DocumentClient;
  readonly signal: AbortSignal;
  /** Where a target lies until it is verified. */
  readonly targetPath: string;
}

const limits: readonly (readonly [RegExp, number])[] = [
  [/\/\d+\.root\.json$/, ROOT_BYTES_MAX],
  [/\/timestamp\.json$/, TIMESTAMP_BYTES_MAX],
  [/\/\d+\.snapshot\.json$/, SNAPSHOT_BYTES_MAX],
];

export class MetadataFetcher implements Fetcher {
  readonly #deps: MetadataFetcherDeps;
  #failure: NetError | null = null;

  constructor(deps: MetadataFetcherDeps) {
    this.#deps = deps;
  }

  /** What the last download failed by; null where it did not. */
  get failure(): NetError | null {
    return this.#failure;
  }

  async downloadBytes(url: string, lengthBytesMax: number): Promise<Buffer> {
    const ofKind = limits.find(([pattern]) => pattern.test(url))?.[1] ?? TARGETS_BYTES_MAX;
    return await this.#get(url, Math.min(lengthBytesMax, ofKind), "application/json");
  }

  async downloadFile<T>(url: string, lengthBytesMax: number, use: (path: string) => Promise<T>): Promise<T> {
    const bytes = await this.#get(url, Math.min(lengthBytesMax, METAINFO_LENGTH_MAX_BYTES), "application/octet-stream");
    await writeFile(this.#deps.targetPath, bytes);
    return await use(this.#deps.targetPath);
  }

  async #get(url: string, lengthBytesMax: number, accept: string): Promise<Buffer> {
    const { http, signal } = this.#deps;
    this.#failure = null;
    try {
      return (await http.get(url, { accept: `${accept}, */*;q=0.1`, lengthBytesMax, signal })).bytes;
    } catch (error) {
      if (!(error instanceof NetError)) throw error;
      this.#failure = error;
      // tuf-js takes 404 for "there is no newer root" (TUF 5.3.3), and knows it by this class alone.
      throw error.status === null ? error : new DownloadHTTPError(error.message, error.status);
    }
  }
}
