// The end of a download: every missing block was asked of somebody, and the slowest of them decides when it is over. So a
// peer that has nothing else to do is asked for blocks that others have owed for a while; whoever answers first wins and
// the others get a cancel. Invariant: at most END_GAME_COPIES peers owe a block, and END_GAME_COPIES_MAX where those are silent.

import { END_GAME_AFTER_MS, END_GAME_COPIES, END_GAME_COPIES_MAX, END_GAME_LATE_PATIENCES } from "../core/index.ts";
import type { PartialPiece } from "./partial-piece.ts";
import type { PartialPieces } from "./partial-pieces.ts";
import type { SwarmPeer } from "./peer.ts";
import type { SiteShare } from "./site-share.ts";

/** Calls `ask` for up to `max` blocks that are worth asking of this peer too. */
export function endGameBlocks(
  partials: PartialPieces,
  site: SiteShare,
  peer: SwarmPeer,
  max: number,
  now: number,
  usualMs: number,
  ask: (partial: PartialPiece, block: number) => void,
): void {
  if (max <= 0) return;
  // A peer whose own answers take long gains nothing by asking twice: it waits its own delay first.
  const { delayMs } = peer.window;
  const patienceMs = Math.max(END_GAME_AFTER_MS, usualMs, delayMs === Infinity ? 0 : 2 * delayMs);
  let left = max;
  for (const partial of partials.values()) {
    if (partial.isFull || partial.exclusive || partial.leaving !== null) continue;
    const owed = partial.owner?.requests;
    if (owed !== undefined && owed.length > 0 && now - owed.oldestSentAt < patienceMs) continue;
    const waitedMs = now - partial.copiedAt;
    const more = waitedMs > 0 ? Math.floor(waitedMs / (END_GAME_LATE_PATIENCES * patienceMs)) : 0;
    const copiesMax = Math.min(END_GAME_COPIES_MAX, END_GAME_COPIES + more);
    if (!peer.have.has(partial.piece) || !site.mayFetch(peer, partial.piece)) continue;
    for (let block = 0; block < partial.blockCount; block++) {
      const pending = partial.pending(block);
      if (partial.isReceived(block) || pending === 0 || pending >= copiesMax) continue;
      if (peer.requests.sentAt(partial.piece, block) >= 0) continue;
      ask(partial, block);
      if (--left === 0) return;
    }
  }
}
