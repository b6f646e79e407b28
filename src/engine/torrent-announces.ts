// The announces of a torrent: one loop for each of its doors, over the same trackers.

import { TrackerTiers } from "../announce/index.ts";
import type { AnnounceRequest } from "../announce/index.ts";
import { ASK_FOR_PEERS_MS } from "../core/index.ts";
import type { Endpoint, InfoHash } from "../core/index.ts";
import { AnnounceLoop } from "./announce-loop.ts";
import { isMetainfo } from "./doors.ts";
import type { Door } from "./doors.ts";
import type { TorrentOptions, TorrentStats } from "./options.ts";
import type { SessionParts } from "./session-parts.ts";

export interface TorrentAnnouncesDeps {
  readonly parts: SessionParts;
  readonly options: Pick<TorrentOptions, "source" | "trackers">;
  readonly stats: () => TorrentStats;
  readonly onPeers: (peers: readonly Endpoint[], infoHash: InfoHash) => void;
}

export class TorrentAnnounces {
  readonly #deps: TorrentAnnouncesDeps;
  readonly #tiers: readonly (readonly string[])[];
  readonly #loops = new Map<InfoHash, AnnounceLoop>();
  readonly #failing = new Set<string>();
  #askedAt = -Infinity;
  #isStopped = false;

  constructor(deps: TorrentAnnouncesDeps) {
    this.#deps = deps;
    const { source, trackers = [] } = deps.options;
    const named = isMetainfo(source) ? source.trackers : source.trackers.map((url) => [url]);
    this.#tiers = [...named, ...trackers.map((url) => [url])];
  }

  get hasTrackers(): boolean {
    return this.#tiers.length > 0;
  }

  /** Begins to announce those doors that are not announced yet. */
  announce(doors: readonly Door[]): void {
    if (this.#isStopped || !this.hasTrackers) return;
    const { parts, onPeers } = this.#deps;
    for (const { infoHash } of doors) {
      if (this.#loops.has(infoHash)) continue;
      const loop = new AnnounceLoop({
        tiers: new TrackerTiers(this.#tiers, parts.random),
        client: parts.trackers,
        clock: parts.clock,
        log: parts.log,
        failing: this.#failing,
        describe: () => this.#describe(infoHash),
        onPeers: (peers) => onPeers(peers, infoHash),
      });
      this.#loops.set(infoHash, loop);
      loop.start();
    }
  }

  /** More peers would help: the trackers are asked as soon as their min interval allows. */
  wantPeers(now: number): void {
    if (now - this.#askedAt < ASK_FOR_PEERS_MS) return;
    this.#askedAt = now;
    for (const loop of this.#loops.values()) loop.wantPeers();
  }

  completed(): void {
    for (const loop of this.#loops.values()) loop.completed();
  }

  /** Says `stopped` to the trackers that know of us. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    await Promise.all([...this.#loops.values()].map((loop) => loop.stop()));
  }

  #describe(infoHash: InfoHash): Omit<AnnounceRequest, "event"> {
    const { parts, stats } = this.#deps;
    const { bytes, haveBytes, totalBytes } = stats();
    return {
      infoHash,
      peerId: parts.peerId,
      port: parts.listen.port,
      uploaded: bytes.uploaded,
      downloaded: bytes.sitePeers + bytes.otherPeers + bytes.webSeeds,
      left: totalBytes === 0 ? null : totalBytes - haveBytes,
      numWant: null,
      key: Number.parseInt(parts.peerId.slice(-8), 16),
      site: parts.site ?? "",
    };
  }
}
