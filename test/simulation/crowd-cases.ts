// The crowds that are simulated by name: what the machines' links are and what happens to them, as in the crowd bench.
// The bound of a case is what no policy can beat: the origin must send one copy, all uplinks together must send one to
// each machine, and each machine must receive one.

import { CONNECTIONS_PER_TORRENT_MAX, CONNECTIONS_SOUGHT } from "../../src/core/index.ts";
import { IDEAL_LINKS } from "./uplink.ts";
import type { LinkCosts } from "./uplink.ts";

const MEBIBYTE = 1_048_576;

export interface CrowdOptions {
  readonly seed: number;
  readonly machines: number;
  readonly sizeBytes: number;
  readonly pieceLengthBytes: number;
  readonly uplinkMbit: number;
  readonly downlinkMbit: number;
  /** The origin's, where it is not like the machines'. */
  readonly originUplinkMbit?: number;
  /** Mbit/s of the slower and the faster half of the machines, where they differ. */
  readonly unevenMbit?: readonly [number, number];
  /** One way. */
  readonly delayMs: number;
  readonly costs: LinkCosts;
  /** A machine connects to others until it has so many links, and accepts links up to `linksMax`. */
  readonly linksSought: number;
  readonly linksMax: number;
  /** Machines arrive evenly over this time. */
  readonly arrivalMs?: number;
  /** The origin goes down when every piece is with some machine. */
  readonly originLeaves?: boolean;
  /** Share of the machines that go down when half of the copies are delivered. */
  readonly killedShare?: number;
  readonly limitMs: number;
}

/** What DESIGN measures against: 20 machines, 64 MiB, every uplink 50 Mbit/s, downlinks 100. */
export const PLAIN: CrowdOptions = {
  seed: 1,
  machines: 20,
  sizeBytes: 64 * MEBIBYTE,
  pieceLengthBytes: 65_536,
  uplinkMbit: 50,
  downlinkMbit: 100,
  delayMs: 1,
  costs: IDEAL_LINKS,
  linksSought: CONNECTIONS_SOUGHT,
  linksMax: CONNECTIONS_PER_TORRENT_MAX,
  limitMs: 3_600_000,
};

/**
 * Kraken's published case: 3 GB to 2,600 hosts with 300 MB/s each way, 10 s at best. Payload and rates are a KRAKEN_SCALE-th
 * of that, which leaves the times and makes the pieces coarser.
 */
const KRAKEN_SCALE = 200;
const KRAKEN: CrowdOptions = {
  ...PLAIN,
  machines: 2_600,
  sizeBytes: 3e9 / KRAKEN_SCALE,
  uplinkMbit: (300 * 8) / KRAKEN_SCALE,
  downlinkMbit: (300 * 8) / KRAKEN_SCALE,
  linksSought: 10,
  linksMax: 30,
};

export const CROWD_CASES: Readonly<Record<string, CrowdOptions>> = {
  plain: PLAIN,
  uneven: { ...PLAIN, unevenMbit: [10, 100] },
  delayed: { ...PLAIN, delayMs: 40 },
  arrivals: { ...PLAIN, arrivalMs: 30_000 },
  churn: { ...PLAIN, killedShare: 1 / 3 },
  "origin-gone": { ...PLAIN, originLeaves: true },
  kraken: KRAKEN,
};

/** Of a machine by its number; -1 is the origin. */
export function uplinkMbitOf(options: CrowdOptions, machine: number): number {
  const { uplinkMbit, originUplinkMbit, unevenMbit } = options;
  if (machine < 0) return originUplinkMbit ?? uplinkMbit;
  return unevenMbit === undefined ? uplinkMbit : unevenMbit[machine % 2 === 0 ? 1 : 0];
}

export function boundMs(options: CrowdOptions): number {
  const { machines, sizeBytes, downlinkMbit } = options;
  const originMbit = uplinkMbitOf(options, -1);
  let allMbit = originMbit;
  for (let machine = 0; machine < machines; machine++) allMbit += uplinkMbitOf(options, machine);
  return (sizeBytes * 8) / (Math.min(originMbit, downlinkMbit, allMbit / machines) * 1_000);
}
