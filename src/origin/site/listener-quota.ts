// How many readers of live numbers there are, in all and of one address. An IPv6 line has 2^64 addresses, so it counts
// by its /64.

import { isIPv6 } from "node:net";
import { SITE_LIVE_LISTENERS_MAX, SITE_LIVE_LISTENERS_PER_ADDRESS_MAX } from "../../core/index.ts";

/** Somebody's place; given back once. */
export interface ListenerPlace {
  release(): void;
}

export class ListenerQuota {
  #count = 0;
  readonly #byLine = new Map<string, number>();

  /** Or which limit is reached. */
  take(address: string): ListenerPlace | "all" | "address" {
    const line = lineOf(address);
    const ofLine = this.#byLine.get(line) ?? 0;
    if (this.#count >= SITE_LIVE_LISTENERS_MAX) return "all";
    if (ofLine >= SITE_LIVE_LISTENERS_PER_ADDRESS_MAX) return "address";
    this.#count++;
    this.#byLine.set(line, ofLine + 1);
    let held = true;
    return {
      release: () => {
        if (!held) return;
        held = false;
        this.#count--;
        const left = (this.#byLine.get(line) ?? 1) - 1;
        if (left === 0) this.#byLine.delete(line);
        else this.#byLine.set(line, left);
      },
    };
  }
}

/** The address itself, or the first four groups of an IPv6 one. */
function lineOf(address: string): string {
  if (!isIPv6(address) || address.includes(".")) return address.replace(/^::ffff:/i, "");
  const [before = "", after] = address.split("%")[0]?.split("::") ?? [];
  const head = before === "" ? [] : before.split(":");
  const tail = after === undefined || after === "" ? [] : after.split(":");
  const zeros = Array.from({ length: after === undefined ? 0 : 8 - head.length - tail.length }, () => "0");
  const groups = [...head, ...zeros, ...tail].slice(0, 4);
  return groups.map((group) => Number.parseInt(group, 16).toString(16)).join(":");
}
