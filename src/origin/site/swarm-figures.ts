// What a swarm did, reckoned once for the page and for the stream of live numbers, so that both say the same.
// Honest accounting: what browsers fetched directly is no merit of the swarm, so it stands apart on both sides.

import type { LiveSwarm, Release } from "../domain.ts";
import { counted, formatBytes, formatCount, formatShare } from "./quantities.ts";

/** One point of the charts. Bytes are since the release was published. */
export interface FigureSample {
  readonly at: number;
  readonly seeds: number;
  readonly downloading: number;
  readonly deliveredBytes: number;
  readonly originBytes: number;
}

export interface SwarmFigures {
  /** Texts, by the name of the place that shows them. */
  readonly texts: Readonly<Record<FigureName, string>>;
  /** 0 … 100: lengths of the two bars. */
  readonly bars: { readonly direct: number; readonly origin: number };
}

export type FigureName =
  | "seeds"
  | "downloading"
  | "completed"
  | "peerShare"
  | "directCost"
  | "originSent"
  | "originRate"
  | "direct";

type Sized = Pick<Release, "lengthBytes">;

export function swarmFigures({ lengthBytes }: Sized, live: LiveSwarm): SwarmFigures {
  const { completed, seedBytes, webSeedBytes, directBytes, directDownloads } = live.traffic;
  const directCost = completed * lengthBytes;
  const originSent = seedBytes + webSeedBytes;
  const longest = Math.max(directCost, originSent, 1);
  return {
    texts: {
      seeds: formatCount(live.seeds),
      downloading: formatCount(live.downloading),
      completed: formatCount(completed),
      peerShare: peerShare(directCost, originSent),
      directCost: formatBytes(directCost),
      originSent: formatBytes(originSent),
      originRate: `${formatBytes(live.originRate)}/s`,
      direct: `${counted(directDownloads, "direct download")}, ${formatBytes(directBytes)}`,
    },
    bars: { direct: percent(directCost / longest), origin: percent(originSent / longest) },
  };
}

export function figureSamples({ lengthBytes }: Sized, { history }: LiveSwarm): readonly FigureSample[] {
  return history.map(({ at, seeds, downloading, completed, originBytes }) => {
    return { at, seeds, downloading, deliveredBytes: completed * lengthBytes, originBytes };
  });
}

/** What complete copies did not take from the origin. Until there are any, or more was sent than completed, nothing is claimed. */
function peerShare(directCost: number, originSent: number): string {
  return directCost > originSent ? formatShare((directCost - originSent) / directCost) : "–";
}

function percent(share: number): number {
  return Math.round(share * 1000) / 10;
}
