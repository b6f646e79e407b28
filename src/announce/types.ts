// What a client tells a tracker and what a tracker answers, whatever carries it. HTTP and UDP are two encodings of these.

import type { Endpoint, InfoHash, PeerId } from "../core/index.ts";

/** `none` is the announce at the regular interval. */
export type AnnounceEvent = "none" | "completed" | "started" | "stopped";

export interface AnnounceRequest {
  readonly infoHash: InfoHash;
  readonly peerId: PeerId;
  /** Where the peer listens, 1 … 65535. */
  readonly port: number;
  /** Bytes since `started`. */
  readonly uploaded: number;
  readonly downloaded: number;
  /** Bytes that are missing; 0 is a seed; null where it is not known yet (a magnet link without its metadata). */
  readonly left: number | null;
  readonly event: AnnounceEvent;
  /** Peers wanted; null leaves it to the tracker. */
  readonly numWant: number | null;
  /** 32 bits that a client keeps while its address changes; 0 where it has none. */
  readonly key: number;
  /** The name of the peer's site, "" where it has none; absent or null where it does not ask for peers of its site. */
  readonly site?: string | null;
}

export interface AnnounceReply {
  readonly intervalSeconds: number;
  readonly minIntervalSeconds: number | null;
  /** Seeds, the others, and finished downloads, where the tracker says. */
  readonly complete: number | null;
  readonly incomplete: number | null;
  readonly downloaded: number | null;
  readonly peers: readonly Endpoint[];
  /** The address under which the tracker saw us (BEP 24). */
  readonly externalAddress: string | null;
  readonly warning: string | null;
  /** To be sent back with the next announce (HTTP only), as the tracker wrote it: any bytes, one a character. */
  readonly trackerId: string | null;
}

/** The tracker understood and refused. `retryInMs`: null where it did not say, "never" where it asks for silence (BEP 31). */
export interface TrackerFailure {
  readonly kind: "failure";
  readonly message: string;
  readonly retryInMs: number | "never" | null;
}

export type AnnounceOutcome = { readonly kind: "reply"; readonly reply: AnnounceReply } | TrackerFailure;

export interface ScrapeEntry {
  readonly complete: number;
  readonly downloaded: number;
  readonly incomplete: number;
}

export type ScrapeOutcome =
  | { readonly kind: "reply"; readonly entries: ReadonlyMap<InfoHash, ScrapeEntry> }
  | TrackerFailure;
