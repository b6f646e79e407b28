// What an embedder may choose, with its defaults.

import type { Clock, Endpoint, Log, Random } from "../core/index.ts";
import type { Info, Magnet, Metainfo } from "../metainfo/index.ts";
import type { UrlPolicy } from "../net/index.ts";
import type { ByteCounts, ChokingPolicy } from "../swarm/index.ts";

export interface SessionOptions {
  /** Where peers reach us. Default: any address, a port that the system chooses. */
  readonly listen?: { readonly host?: string; readonly port: number };
  /** Bytes a second over all torrents; null or absent: no limit. Payload bytes count. */
  readonly maxUploadRate?: number | null;
  readonly maxDownloadRate?: number | null;
  /** Bytes a second to peers outside of this machine's own network (/24, /64). */
  readonly maxRemoteUploadRate?: number | null;
  /** Memory for pieces in flight and cached, in bytes. */
  readonly bufferBudgetBytes?: number;
  /** Hashing and disk threads; default: one a core. */
  readonly workerCount?: number;
  /** Serve everybody (a fleet) or those who give (strangers). Default "cooperative". */
  readonly choking?: ChokingPolicy;
  /** Settings that lift rules against requests to addresses that a torrent must not reach. */
  readonly urlPolicy?: Partial<UrlPolicy>;
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
  readonly directory: string;
  /** For `seed`: the file or folder itself, whatever it is called. */
  readonly path?: string;
  /** `resume` trusts the journal of an interrupted download, `full` hashes what is there, `none` (seed) trusts it. */
  readonly verify?: "resume" | "full" | "none";
  /** Hand every piece out once before any twice: for the first seed. */
  readonly superSeed?: boolean;
  readonly maxUploadRate?: number | null;
  readonly maxDownloadRate?: number | null;
  /** More trackers, each a tier of its own after those of the metainfo. */
  readonly trackers?: readonly string[];
  readonly webSeeds?: readonly string[];
  /** Peers to begin with. */
  readonly peers?: readonly Endpoint[];
  readonly signal?: AbortSignal;
}

export type TorrentPhase = "metadata" | "checking" | "downloading" | "seeding" | "failed" | "stopped";

export interface TorrentStats {
  readonly phase: TorrentPhase;
  /** Of the payload, verified; 0 before the metadata is known. */
  readonly haveBytes: number;
  readonly totalBytes: number;
  /** While checking: bytes looked at. */
  readonly checkedBytes: number;
  readonly bytes: ByteCounts;
  /** Bytes a second, of payload. */
  readonly downRate: number;
  readonly upRate: number;
  readonly peers: number;
  readonly seeds: number;
  readonly knownPeers: number;
  readonly bannedPeers: number;
  /** From the first connection to the last verified piece; null before. */
  readonly seconds: number | null;
}
