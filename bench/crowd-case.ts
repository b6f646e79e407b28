// The cases of the crowd bench: what the machines' links are and what happens to the crowd. The simulation runs the same.
// The bound of a case is what no policy can beat: the origin must send one copy, all uplinks together must send one to
// each machine, and each machine must receive one.

import type { Links } from "./lab.ts";

export interface CrowdSize {
  readonly sizeBytes: number;
  readonly uplinkMbit: number;
  readonly downlinkMbit: number;
  /** As the command line takes it. */
  readonly pieceLength: string;
}

export interface CrowdCase {
  readonly name: string;
  readonly delayMs: number;
  readonly jitterMs: number;
  readonly lossPercent: number;
  /** The machines arrive evenly over this time. */
  readonly arrivalSeconds: number;
  /** Share of the machines that die when half of the bound is over. */
  readonly killedShare: number;
  /** The origin dies when its link has sent one copy and no longer has anything to send. */
  readonly originLeaves: boolean;
  /** Mbit/s of the slower and the faster half of the machines; null where all have the same. */
  readonly unevenMbit: readonly [number, number] | null;
}

const PLAIN: Omit<CrowdCase, "name"> = {
  delayMs: 0,
  jitterMs: 0,
  lossPercent: 0,
  arrivalSeconds: 0,
  killedShare: 0,
  originLeaves: false,
  unevenMbit: null,
};

export const CROWD_CASES: readonly CrowdCase[] = [
  { ...PLAIN, name: "plain" },
  { ...PLAIN, name: "uneven", unevenMbit: [10, 100] },
  { ...PLAIN, name: "delayed", delayMs: 40, jitterMs: 10 },
  { ...PLAIN, name: "lossy", lossPercent: 1 },
  { ...PLAIN, name: "arrivals", arrivalSeconds: 30 },
  { ...PLAIN, name: "killed", killedShare: 1 / 3 },
  { ...PLAIN, name: "origin-gone", originLeaves: true },
];

/** Host 0 is the origin, 1 to N are the machines. */
export function linksOf(crowdCase: CrowdCase, size: CrowdSize): Links {
  const { delayMs, jitterMs, lossPercent } = crowdCase;
  const uplinkMbit = (host: number): number => uplinkOf(crowdCase, size, host);
  return { uplinkMbit, downlinkMbit: size.downlinkMbit, delayMs, jitterMs, lossPercent };
}

export function boundSeconds(crowdCase: CrowdCase, machines: number, size: CrowdSize): number {
  const { sizeBytes, uplinkMbit, downlinkMbit } = size;
  const copySeconds = (mbit: number): number => (sizeBytes * 8) / (mbit * 1e6);
  let allMbit = uplinkMbit;
  for (let host = 1; host <= machines; host++) allMbit += uplinkOf(crowdCase, size, host);
  return Math.max(copySeconds(uplinkMbit), machines * copySeconds(allMbit), copySeconds(downlinkMbit));
}

function uplinkOf({ unevenMbit }: CrowdCase, { uplinkMbit }: CrowdSize, host: number): number {
  return unevenMbit === null || host === 0 ? uplinkMbit : unevenMbit[host % 2 === 0 ? 0 : 1];
}
