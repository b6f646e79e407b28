// The public handle of a torrent. What happens behind it is torrent-life.ts.

import { DESCRIPTOR_RETRY_MS } from "../core/index.ts";
import type { Endpoint, InfoHash } from "../core/index.ts";
import type { Info } from "../metainfo/index.ts";
import { StorageError } from "../storage/index.ts";
import type { Door } from "./doors.ts";
import { EngineError } from "./engine-error.ts";
import type { TorrentOptions, TorrentPhase, TorrentStats } from "./options.ts";
import type { ConnectionOwner } from "./peer-connection-deps.ts";
import type { PeerConnection } from "./peer-connection.ts";
import type { SessionParts } from "./session-parts.ts";
import type { TorrentEvents } from "./torrent-events.ts";
import { TorrentLife } from "./torrent-life.ts";
import { TypedEvents } from "./typed-events.ts";

/** One torrent of a session, made by Session.add(). Dispose it to stop it alone; calls after that change nothing. */
export class Torrent extends TypedEvents<TorrentEvents> implements AsyncDisposable {
  /**
   * Settles when the metadata is known and the files are checked. Rejects with a MetainfoError, StorageError,
   * EngineError (`engine.stopped`, `engine.incomplete-seed`) or the signal's reason.
   */
  readonly ready: Promise<Info>;
  /**
   * Settles when the artifact is verified and stands under its final name. Rejects as `ready` does, and with
   * EngineError `engine.inconsistent-torrent`. A full disk does not reject it: see the event `warning` and `retry`.
   */
  readonly completed: Promise<{ readonly path: string }>;
  readonly #parts: Pick<SessionParts, "clock" | "log">;
  readonly #life: TorrentLife;
  /** When what failed for want of descriptors is tried again. */
  #retryAt = Infinity;

  /** Called by Session.add(). `onGone`: it holds nothing any more. @throws RangeError for a rate that is none */
  constructor(parts: SessionParts, options: TorrentOptions, onGone: () => void) {
    super();
    this.#parts = parts;
    this.#life = new TorrentLife({
      parts,
      options,
      onGone,
      emit: (name, value) => {
        if (name !== "warning" || !this.#makesRoom(value)) this.emit(name, value);
      },
    });
    this.ready = this.#life.ready.promise;
    this.completed = this.#life.completed.promise;
  }

  /** The info-hashes by which peers and trackers know it. More than the magnet named, once the metadata is known. */
  get doors(): readonly Door[] {
    return this.#life.doors;
  }

  /** Null until the metadata is known. */
  get info(): Info | null {
    return this.#life.info;
  }

  /** By pieces root (hex): of a v2 or hybrid torrent, with what peers have sent so far. */
  get pieceLayers(): ReadonlyMap<string, Buffer> {
    return this.#life.pieceLayers;
  }

  get phase(): TorrentPhase {
    return this.#life.phase;
  }

  /** The figures as of now. */
  stats(): TorrentStats {
    return this.#life.stats();
  }

  /** Connects to a peer, by whichever of the info-hashes it knows. */
  addPeer(endpoint: Endpoint): void {
    this.#life.peers.found([endpoint], null);
  }

  /** Goes on after a warning about the disk: what could not be written or finished is tried again. */
  retry(): void {
    this.#life.retry();
  }

  /** Of this torrent, in bytes a second; 0 sends nothing, null lifts the limit. @throws RangeError */
  setMaxUploadRate(bytesPerSecond: number | null): void {
    this.#life.uploadLimit.setRate(bytesPerSecond);
    this.#life.uploadLimitsChanged();
  }

  /** Of this torrent, in bytes a second; 0 receives nothing, null lifts the limit. @throws RangeError */
  setMaxDownloadRate(bytesPerSecond: number | null): void {
    this.#life.downloadLimit.setRate(bytesPerSecond);
  }

  /** Tells the trackers, closes the connections, flushes the resume journal. `completed` is rejected if it was pending. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.#life.end("stopped", new EngineError("engine.stopped", "The torrent was stopped."));
  }

  /** For the session: once, after it has the torrent. */
  start(): void {
    this.#life.start();
  }

  /** For the session: time passes. */
  tick(now: number): void {
    this.#life.tick(now);
    if (now < this.#retryAt) return;
    this.#retryAt = Infinity;
    this.retry();
  }

  /** For local discovery: none while nobody knows whether the torrent is private, or where it is (BEP 27). */
  get localInfoHashes(): readonly InfoHash[] {
    return this.info?.private === false ? this.doors.map(({ infoHash }) => infoHash) : [];
  }

  /** For local discovery: there may be a peer. */
  foundLocally(endpoint: Endpoint, infoHash: InfoHash): void {
    this.#life.peers.found([endpoint], infoHash);
  }

  /** For the session: an inbound connection named one of the doors. */
  admit(connection: PeerConnection): ConnectionOwner | null {
    return this.#life.peers.admit(connection) ? this.#life.peers : null;
  }

  /** For the session: its own limits changed. */
  uploadLimitsChanged(): void {
    this.#life.uploadLimitsChanged();
  }

  /** A file could not be opened for want of descriptors: connections give way, as long as there are any to spare. */
  #makesRoom(error: unknown): boolean {
    if (!(error instanceof StorageError) || error.code !== "storage.open-files") return false;
    // Several pieces fail at once.
    if (this.#retryAt !== Infinity) return true;
    const now = this.#parts.clock.now();
    if (!this.#life.peers.makeRoom(now)) return false;
    this.#parts.log.write("warn", "torrent.descriptors-short", { reason: error.message });
    this.#retryAt = now + DESCRIPTOR_RETRY_MS;
    return true;
  }
}
