// The figures of a torrent, as of now.

import type { Info } from "../metainfo/index.ts";
import type { TorrentPhase, TorrentStats } from "./options.ts";
import type { RunningTorrent } from "./running-torrent.ts";
import type { TorrentPeers } from "./torrent-peers.ts";

export interface StatsInput {
  readonly phase: TorrentPhase;
  readonly info: Info | null;
  readonly running: RunningTorrent | null;
  readonly checkedBytes: number;
  readonly peers: TorrentPeers;
  readonly lastVerifiedAt: number | null;
  readonly now: number;
}

const NOTHING = { sitePeers: 0, otherPeers: 0, webSeeds: 0, local: 0, duplicate: 0, hashFailed: 0, uploaded: 0 };

export function statsOf(input: StatsInput): TorrentStats {
  const { running, peers, now } = input;
  let downRate = 0;
  let upRate = 0;
  let seeds = 0;
  for (const peer of running?.swarm.peers ?? []) {
    downRate += peer.downRate.at(now);
    upRate += peer.upRate.at(now);
    if (peer.isSeed && peer.source !== "webSeeds") seeds++;
  }
  return {
    phase: input.phase,
    // Padding inside a piece (v1) is no payload.
    haveBytes: Math.min(running?.swarm.haveBytes ?? 0, input.info?.layout.lengthBytes ?? 0),
    totalBytes: input.info?.layout.lengthBytes ?? 0,
    checkedBytes: input.checkedBytes,
    bytes: running?.swarm.accounts.counts() ?? NOTHING,
    downRate,
    upRate,
    peers: peers.sessions.size,
    seeds,
    knownPeers: peers.list.size,
    bannedPeers: peers.list.bannedCount,
    seconds: secondsOf(input),
  };
}

/** A download by web seeds alone begins with the torrent's running; peers that came after its end do not count. */
function secondsOf({ running, peers, lastVerifiedAt }: StatsInput): number | null {
  if (running === null || lastVerifiedAt === null) return null;
  const connectedAt = peers.firstConnectedAt ?? Infinity;
  return (lastVerifiedAt - (connectedAt <= lastVerifiedAt ? connectedAt : running.startedAt)) / 1_000;
}
