// Quantities as people write them: sizes `64MiB`, rates `20mbit` and `5MiB/s`, durations `30s`.
// Invariant: a quantity always has a unit, the unit's case counts where a wrong guess would be off by eight or by
// 1.024, and what is read is exact (decimal arithmetic on integers, never a rounded float).
// KiB, MiB… are powers of 1024 (IEC 80000-13), kB, MB… of 1000, and bits are always decimal.

import { CodedError } from "../../core/index.ts";

export class UnitError extends CodedError<"units.size" | "units.rate" | "units.duration"> {}

const byteUnits: Readonly<Record<string, number>> = {
  B: 1,
  kB: 1e3,
  MB: 1e6,
  GB: 1e9,
  TB: 1e12,
  KiB: 1024,
  MiB: 1024 ** 2,
  GiB: 1024 ** 3,
  TiB: 1024 ** 4,
};
const bitUnits: Readonly<Record<string, number>> = { bit: 1, kbit: 1e3, mbit: 1e6, gbit: 1e9 };
const timeUnits: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** Bytes of `64MiB`, `1.5GB`, `512B`. Whole bytes only. @throws UnitError */
export function parseSize(text: string): number {
  const bytes = exactly(split(text), byteUnits);
  if (bytes === null) throw new UnitError("units.size", `"${text}" is not a size: write it like 64MiB, 1.5GB or 512B.`);
  return bytes;
}

/** Bytes a second of `20mbit`, `800kbit`, `5MiB/s`, `500kB/s`: at least 1, rounded down. @throws UnitError */
export function parseRate(text: string): number {
  const quantity = split(text);
  const bytes = quantity === null ? null : bytesPerSecond(quantity);
  if (bytes === null || bytes < 1) {
    throw new UnitError("units.rate", `"${text}" is not a rate: write it like 20mbit (bits) or 5MiB/s (bytes).`);
  }
  return bytes;
}

/** Milliseconds of `30s`, `2h`, `250ms`, `1.5d`. @throws UnitError */
export function parseDuration(text: string): number {
  const ms = exactly(split(text), timeUnits);
  if (ms === null) throw new UnitError("units.duration", `"${text}" is not a duration: write it like 30s, 5m or 2h.`);
  return ms;
}

interface Quantity {
  readonly digits: string;
  readonly fraction: string;
  readonly unit: string;
}

function split(text: string): Quantity | null {
  const match = /^(\d{1,15})(?:\.(\d{1,9}))? ?([a-zA-Z]+(?:\/s)?)$/.exec(text);
  return match === null ? null : { digits: match[1] ?? "", fraction: match[2] ?? "", unit: match[3] ?? "" };
}

function exactly(quantity: Quantity | null, units: Readonly<Record<string, number>>): number | null {
  const factor = quantity === null ? undefined : units[quantity.unit];
  return quantity === null || factor === undefined ? null : scale(quantity, factor, 1);
}

function bytesPerSecond(quantity: Quantity): number | null {
  const bits = bitUnits[quantity.unit.toLowerCase()];
  if (bits !== undefined) return scale(quantity, bits, 8, "down");
  if (!quantity.unit.endsWith("/s")) return null;
  const bytes = byteUnits[quantity.unit.slice(0, -2)];
  return bytes === undefined ? null : scale(quantity, bytes, 1, "down");
}

/** quantity × factor ÷ divisor, or null where that is no safe whole number (`down` drops the fraction instead). */
function scale(quantity: Quantity, factor: number, divisor: number, round: "exact" | "down" = "exact"): number | null {
  const numerator = BigInt(quantity.digits + quantity.fraction) * BigInt(factor);
  const denominator = 10n ** BigInt(quantity.fraction.length) * BigInt(divisor);
  if (round === "exact" && numerator % denominator !== 0n) return null;
  const value = numerator / denominator;
  return value > BigInt(Number.MAX_SAFE_INTEGER) ? null : Number(value);
}

/** `207.4 MiB`: for reading, not for parsing back. */
export function formatSize(bytes: number): string {
  const units = ["B", "KiB", "MiB", "GiB", "TiB"];
  let value = bytes;
  let at = 0;
  while (value >= 1023.95 && at < units.length - 1) {
    value /= 1024;
    at++;
  }
  return `${at === 0 ? Math.round(value) : value.toFixed(1)} ${units[at]}`;
}

/** `41.2 MiB/s` */
export function formatRate(bytesPerSecond: number): string {
  return `${formatSize(bytesPerSecond)}/s`;
}

/** `4 s`, `2 min 5 s`, `3 h 12 min`, `2 d 4 h`: two units at most. */
export function formatDuration(seconds: number): string {
  const whole = Math.max(0, Math.ceil(seconds));
  const parts: readonly (readonly [number, string])[] = [
    [Math.floor(whole / 86_400), "d"],
    [Math.floor(whole / 3600) % 24, "h"],
    [Math.floor(whole / 60) % 60, "min"],
    [whole % 60, "s"],
  ];
  const first = parts.findIndex(([count]) => count > 0);
  if (first < 0) return "0 s";
  return parts
    .slice(first, first + 2)
    .filter(([count]) => count > 0)
    .map(([count, unit]) => `${count} ${unit}`)
    .join(" ");
}
