// What every stock client can be told, and what it tells, whatever its own way is: one torrent, one folder, one port.
// Invariant: after `complete()` and `settle()` all that it has is in its files: some write on for a while after they say
// that they are done.

import { existsSync, watch } from "node:fs";
import { dirname } from "node:path";
import { Child } from "../child.ts";

/** Puts a command on a host of a network (network.ts). */
export type On = (words: readonly string[]) => readonly string[];

export const here: On = (words) => words;

export interface ClientOptions {
  readonly on: On;
  /** A .torrent or a magnet link. */
  readonly source: string;
  readonly folder: string;
  readonly port: number;
  /** It has the files. */
  readonly isSeed?: boolean;
  /** Both are off otherwise: then trackers are all that it knows. */
  readonly localDiscovery?: boolean;
  readonly peerExchange?: boolean;
}

export abstract class StockClient extends Child {
  /** Resolves when it says that it has everything. */
  abstract complete(): Promise<void>;

  /** Waits for a file that it is told to write, where it can say something in no other way. */
  protected async untilExists(path: string): Promise<void> {
    const watcher = watch(dirname(path), () => this.look());
    try {
      await this.until(path, () => (existsSync(path) ? true : undefined));
    } finally {
      watcher.close();
    }
  }

  /** Ends it in good order. */
  async settle(): Promise<void> {
    this.kill("SIGTERM");
    await this.end();
  }
}
