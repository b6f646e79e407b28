// Several lines that are redrawn in place on a terminal. Without one, the last of them (the summary) now and then.

import type { Clock } from "../../core/index.ts";
import { BOARD_PLAIN_INTERVAL_MS } from "../../core/index.ts";

export interface Board {
  readonly columns: number;
  show(lines: readonly string[]): void;
}

const CLEAR_LINE = "\u001B[2K";

export interface BoardDeps {
  readonly write: (text: string) => void;
  readonly isTerminal: boolean;
  readonly columns: () => number;
  readonly clock: Clock;
}

/** A board below what was written so far. Whatever else is written in between ends up below it: use one at a time. */
export function createBoard(deps: BoardDeps): Board {
  let shownLines = 0;
  let shownAt = -Infinity;
  return {
    get columns() {
      return deps.columns();
    },
    show(lines) {
      if (deps.isTerminal) {
        const up = shownLines === 0 ? "" : `\u001B[${shownLines}A`;
        const cut = lines.map((line) => `${CLEAR_LINE}${line.slice(0, Math.max(0, deps.columns() - 1))}\n`);
        deps.write(`${up}${cut.join("")}`);
        shownLines = lines.length;
      } else if (deps.clock.now() - shownAt >= BOARD_PLAIN_INTERVAL_MS) {
        shownAt = deps.clock.now();
        deps.write(`${lines.at(-1) ?? ""}\n`);
      }
    },
  };
}
