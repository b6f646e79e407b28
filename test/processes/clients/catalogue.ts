// The stock clients that we work with, each by what it takes and what it has not. What one lacks is a fact about it, with a
// reason that the table of docs/reference/interoperation.md prints.

import { Aria2 } from "./aria2.ts";
import { Libtorrent } from "./libtorrent.ts";
import { QBittorrent } from "./qbittorrent.ts";
import { RTorrent } from "./rtorrent.ts";
import { Transmission } from "./transmission.ts";
import { WebTorrent } from "./webtorrent.ts";
import type { ClientOptions, StockClient } from "./stock-client.ts";

/** How peers, metadata or bytes are come by. */
export type Way =
  | "HTTP tracker"
  | "UDP tracker"
  | "magnet link"
  | "local discovery"
  | "IPv6"
  | "web seed"
  | "peer exchange";

export type ClientName = "libtorrent" | "qBittorrent" | "Transmission" | "rTorrent" | "WebTorrent" | "aria2";

export interface ClientKind {
  readonly name: ClientName;
  /** Which metainfo of a release it is given. */
  readonly takes: "hybrid" | "twin";
  readonly lacks: Readonly<Partial<Record<Way, string>>>;
  /** It reads no magnet link that names a v2 hash beside the v1 hash. */
  readonly magnetByV1?: boolean;
  /** It tells of peers so seldom that a test of it takes too long for every day, or never. */
  readonly tells?: "seldom" | "never";
  /** What a user has to know. */
  readonly remark?: string;
  start(options: ClientOptions): StockClient;
}

export const clientKinds: readonly ClientKind[] = [
  {
    name: "libtorrent",
    takes: "hybrid",
    lacks: {},
    start: ({ on, source, folder, port, isSeed = false, localDiscovery = false }) =>
      new Libtorrent({
        on,
        ...(source.startsWith("magnet:") ? { magnet: source } : { torrent: source }),
        folder,
        seed: isSeed,
        listen: `0.0.0.0:${port},[::]:${port}`,
        localDiscovery,
      }),
  },
  { name: "qBittorrent", takes: "hybrid", lacks: {}, start: (options) => new QBittorrent(options) },
  {
    name: "Transmission",
    takes: "twin",
    lacks: {},
    remark: "it refuses hybrid torrents, and peers in 127.0.0.0/8",
    start: (options) => new Transmission(options),
  },
  {
    name: "rTorrent",
    takes: "hybrid",
    lacks: { "local discovery": "it has none", "web seed": "it has none" },
    magnetByV1: true,
    tells: "seldom",
    remark: "its magnet link must name the v1 hash alone; of peers it tells first after two minutes or more",
    start: (options) => new RTorrent(options),
  },
  {
    name: "WebTorrent",
    takes: "hybrid",
    lacks: {},
    tells: "never",
    remark:
      "with its protocol encryption switched off (`secure: 0`): by default it speaks encryption first and does not fall back, so that it reaches no client without encryption, us for one, while we reach it",
    start: (options) => new WebTorrent(options),
  },
  {
    name: "aria2",
    takes: "twin",
    lacks: {},
    remark: "it computes a wrong info-hash for hybrid torrents, and as a seed connects to nobody",
    start: ({ source, isSeed = false, ...options }) =>
      new Aria2({ ...options, torrent: source, seed: isSeed, udp: true }),
  },
];
