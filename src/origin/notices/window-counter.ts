// How many events a key had within the last span of time, with a bounded number of keys: what limits notices from an
// address. In memory: a restart forgets it.

import { isIPv6 } from "node:net";
import { NOTICES_COUNTED_KEYS_MAX } from "../../core/index.ts";

export class WindowCounter {
  readonly #windowMs: number;
  readonly #events = new Map<string, number[]>();

  constructor(windowMs: number) {
    this.#windowMs = windowMs;
  }

  /** Counts an event, unless the key had `max` of them already: then false. */
  take(key: string, max: number, nowMs: number): boolean {
    const recent = (this.#events.get(key) ?? []).filter((at) => at > nowMs - this.#windowMs);
    const isTaken = recent.length < max;
    if (isTaken) recent.push(nowMs);
    // Deleted and set again: the map's order is that of the last event, and the oldest goes first.
    this.#events.delete(key);
    this.#events.set(key, recent);
    if (this.#events.size > NOTICES_COUNTED_KEYS_MAX) {
      const oldest = this.#events.keys().next().value;
      if (oldest !== undefined) this.#events.delete(oldest);
    }
    return isTaken;
  }

  get keyCount(): number {
    return this.#events.size;
  }
}

/** What counts as one sender: an IPv4 address, or the /64 that a provider gives to one customer. */
export function networkOf(address: string): string {
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1];
  if (mapped !== undefined) return mapped;
  if (!isIPv6(address)) return address;
  const [head = "", tail] = (address.split("%")[0] ?? "").split("::");
  const first = head === "" ? [] : head.split(":");
  const last = tail === undefined || tail === "" ? [] : tail.split(":");
  const zeros =
    tail === undefined ? [] : Array.from({ length: Math.max(0, 8 - first.length - last.length) }, () => "0");
  const groups = [...first, ...zeros, ...last].slice(0, 4);
  return `${groups.map((group) => Number.parseInt(group, 16).toString(16)).join(":")}::/64`;
}
