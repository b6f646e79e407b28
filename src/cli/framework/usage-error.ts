// What is wrong with how a command was called or configured: exit code 2, one sentence, a suggestion where there is
// a near name, and where to read more.

import { CodedError } from "../../core/index.ts";

export type UsageCode =
  | "usage.command"
  | "usage.option"
  | "usage.argument"
  | "usage.value"
  | "usage.config"
  | "usage.passphrase";

export class UsageError extends CodedError<UsageCode> {}

/** ` Did you mean --max-upload?` or nothing: the nearest name within a third of its length. */
export function suggestion(given: string, names: Iterable<string>, prefix = ""): string {
  const near = nearest(given, names);
  return near === null ? "" : ` Did you mean ${prefix}${near}?`;
}

/** The name with the fewest edits, or null where none is near. */
export function nearest(given: string, names: Iterable<string>): string | null {
  let best: string | null = null;
  let bestDistance = Infinity;
  for (const name of names) {
    const distance = editDistance(given.toLowerCase(), name.toLowerCase());
    if (distance < bestDistance && distance <= Math.max(1, Math.floor(Math.max(given.length, name.length) / 3))) {
      best = name;
      bestDistance = distance;
    }
  }
  return best;
}

/** Insertions, deletions, substitutions and swaps of neighbours (optimal string alignment). */
function editDistance(a: string, b: string): number {
  const rows: number[][] = [Array.from({ length: b.length + 1 }, (_, index) => index)];
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1] ? 0 : 1;
      let cost = Math.min(cell(rows, i - 1, j) + 1, (row[j - 1] ?? 0) + 1, cell(rows, i - 1, j - 1) + same);
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) {
        cost = Math.min(cost, cell(rows, i - 2, j - 2) + 1);
      }
      row.push(cost);
    }
    rows.push(row);
  }
  return cell(rows, a.length, b.length);
}

function cell(rows: readonly (readonly number[])[], i: number, j: number): number {
  return rows[i]?.[j] ?? Infinity;
}
