// The first seed of one release: a torrent of the origin's session, as a super-seed, over the payload in the store.

import type { Log } from "../../core/index.ts";
import { messageOf } from "../../core/index.ts";
import type { Session, Torrent } from "../../engine/index.ts";
import { parseMetainfo } from "../../metainfo/index.ts";
import { dirname } from "node:path";

export interface FirstSeedDeps {
  readonly session: Session;
  readonly log: Log;
}

export class FirstSeed implements AsyncDisposable {
  readonly #torrent: Torrent;
  #countedBytes = 0;

  /** The files are as they were when they were hashed: kept by the payload store, which nobody else writes to. */
  constructor({ session, log }: FirstSeedDeps, metainfo: Buffer, artifactPath: string) {
    this.#torrent = session.add({
      source: parseMetainfo(metainfo),
      mode: "seed",
      directory: dirname(artifactPath),
      path: artifactPath,
      verify: "none",
      superSeed: true,
    });
    const name = artifactPath;
    const failed = (error: unknown): void => {
      if (this.#torrent.phase !== "stopped") log.write("error", "seed.failed", { name, reason: messageOf(error) });
    };
    this.#torrent.ready.catch(failed);
    // Rejected whenever a torrent is stopped, and for the reasons that `ready` and `failed` tell of.
    this.#torrent.completed.catch(() => {});
    this.#torrent.on("failed", failed);
  }

  get isRunning(): boolean {
    return this.#torrent.phase !== "failed" && this.#torrent.phase !== "stopped";
  }

  get upRate(): number {
    return this.#torrent.stats().upRate;
  }

  /** Payload sent since this was asked last. */
  takeSentBytes(): number {
    const sent = this.#torrent.stats().bytes.uploaded;
    const more = sent - this.#countedBytes;
    this.#countedBytes = sent;
    return more;
  }

  /** Peers are disconnected, trackers told. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.#torrent[Symbol.asyncDispose]();
  }
}
