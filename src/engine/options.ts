// What an embedder may choose, with its defaults.

import type { Clock, Endpoint, Log, Random } from "../core/index.ts";
import type { Info, Magnet, Metainfo } from "../metainfo/index.ts";
import type { UrlPolicy } from "../net/index.ts";
import type { StorageWorkers } from "../storage/index.ts";
import type { ByteCounts, ChokingPolicy } from "../swarm/index.ts";

export interface SessionOptions {
  /** Where peers reach us. Without `host`: IPv6 and IPv4. Port 0, the default: one that the system chooses. */
  readonly listen?: { readonly host?: string; readonly port: number };
  /** Bytes of payload a second over all torrents; null or absent: no limit; 0: nothing. */
  readonly maxUploadRate?: number | null;
  /** Bytes a second over all torrents, payload and protocol; null or absent: no limit; 0: nothing. */
  readonly maxDownloadRate?: number | null;
  /** Bytes a second to peers outside of this machine's own site. */
  readonly maxRemoteUploadRate?: number | null;
  /** The name of this machine's site: 1 to 64 bytes. Null or absent: those on its subnet (/24, /64) are its site. */
  readonly site?: string | null;
  /** Say on this machine's networks which torrents it has, and look for others there (BEP 14). Default: no. */
  readonly localDiscovery?: boolean;
  /** Memory for pieces in flight and cached, in bytes. */
  readonly bufferBudgetBytes?: number;
  /** Hashing and disk threads; default: one a core. */
  readonly workerCount?: number;
  /** Threads to use instead of the session's own: shared with others, and ended by whoever made them. */
  readonly workers?: StorageWorkers;
  /** Serve everybody (a fleet) or those who give (strangers). Default "cooperative". */
  readonly choking?: ChokingPolicy;
  /** Settings that lift rules against requests to addresses that a torrent must not reach. */
  readonly urlPolicy?: Partial<UrlPolicy>;
  /** What peers are told that this program is. */
  readonly clientName?: string;
  readonly clock?: Clock;
  readonly random?: Random;
  readonly log?: Log;
}

export interface TorrentOptions {
  /** A parsed .torrent file, or a magnet whose metadata is fetched from peers. */
  readonly source: Metainfo | Magnet;
  /** The v1 twin of a hybrid torrent, where it is not the one that follows from it. */
  readonly twin?: Info | null;
  /** `download` makes DIRECTORY/NAME; `seed` reads `path` (default DIRECTORY/NAME) and never writes. */
  readonly mode: "download" | "seed";
  /** Made where it is missing. */
  readonly directory: string;
  /** For `seed`: the file or folder itself, whatever it is called. */
  readonly path?: string;
  /** `resume` trusts the journal of an interrupted download, `full` hashes what is there, `none` (seed) trusts it. */
  readonly verify?: "resume" | "full" | "none";
  /** Hand every piece out once before any twice: for the first seed. */
  readonly superSeed?: boolean;
  /** Of this torrent, within the session's limits: see SessionOptions. */
  readonly maxUploadRate?: number | null;
  readonly maxDownloadRate?: number | null;
  /** More trackers, each a tier of its own after those of the metainfo. */
  readonly trackers?: readonly string[];
  /** More web seeds (BEP 19) besides those of the metainfo. */
  readonly webSeeds?: readonly string[];
  /** Peers to begin with. */
  readonly peers?: readonly Endpoint[];
  /** Stops the torrent; `ready` and `completed` are then rejected with the signal's reason. */
  readonly signal?: AbortSignal;
}

/** See Torrent. `failed` and `stopped` are ends: everything the torrent held is given back. */
export type TorrentPhase = "metadata" | "checking" | "downloading" | "seeding" | "failed" | "stopped";

export interface TorrentStats {
  readonly phase: TorrentPhase;
  /** Of the payload, verified; 0 before the metadata is known. */
  readonly haveBytes: number;
  readonly totalBytes: number;
  /** While checking: bytes looked at. */
  readonly checkedBytes: number;
  /** Where the payload came from. Once complete: sitePeers + otherPeers + webSeeds + local = totalBytes. */
  readonly bytes: ByteCounts;
  /** Bytes a second, of payload. */
  readonly downRate: number;
  readonly upRate: number;
  /** Connected. */
  readonly peers: number;
  /** Of those, the ones that have everything. */
  readonly seeds: number;
  /** Endpoints that are known, connected or not. */
  readonly knownPeers: number;
  readonly bannedPeers: number;
  /** From the first connection to the last verified piece; null before. */
  readonly seconds: number | null;
}
