// Sizes, rates, counts, shares and times as a person reads them. Decimal units, as shops, browsers and the vendors' own
// pages use them; times are UTC and say so, since the server cannot know the reader's zone.

const UNITS = ["bytes", "kB", "MB", "GB", "TB", "PB", "EB"] as const;

/** Three digits: "279 MB", "1.24 TB". */
export function formatBytes(bytes: number): string {
  if (bytes < 1000) return bytes === 1 ? "1 byte" : `${Math.round(bytes)} bytes`;
  let unit = Math.min(Math.floor(Math.log10(bytes) / 3), UNITS.length - 1);
  let text = threeDigits(bytes / 1000 ** unit);
  // 999.6 kB are 1.00 MB, not 1000 kB.
  if (text === "1000" && unit < UNITS.length - 1) text = threeDigits(bytes / 1000 ** ++unit);
  return `${text} ${UNITS[unit]}`;
}

/** "279,123,456 bytes" */
export function exactBytes(bytes: number): string {
  return `${formatCount(bytes)} ${bytes === 1 ? "byte" : "bytes"}`;
}

export function formatCount(count: number): string {
  return count.toLocaleString("en-GB");
}

/** "1 file", "12 files" */
export function counted(count: number, one: string, many: string = `${one}s`): string {
  return `${formatCount(count)} ${count === 1 ? one : many}`;
}

/** 0 … 1 as "98.8 %". Never rounded up to all of it. */
export function formatShare(share: number): string {
  return `${share >= 1 ? "100" : (Math.floor(share * 1000) / 10).toFixed(1)} %`;
}

const day = new Intl.DateTimeFormat("en-GB", { dateStyle: "long", timeZone: "UTC" });
const minute = new Intl.DateTimeFormat("en-GB", { dateStyle: "long", timeStyle: "short", timeZone: "UTC" });
const second = new Intl.DateTimeFormat("en-GB", { timeStyle: "medium", timeZone: "UTC" });

/** "25 November 2026" */
export function formatDay(ms: number): string {
  return day.format(ms);
}

/** "25 November 2026 at 22:15 UTC" */
export function formatMinute(ms: number): string {
  return `${minute.format(ms)} UTC`;
}

/** "22:15:04 UTC" */
export function formatSecond(ms: number): string {
  return `${second.format(ms)} UTC`;
}

/** For machines: "2026-11-25T22:15:04.000Z" */
export function isoTime(ms: number): string {
  return new Date(ms).toISOString();
}

/** The larger unit of a duration: "3 days", "5 hours", "less than a minute". */
export function formatDuration(ms: number): string {
  const minutes = Math.floor(Math.abs(ms) / 60_000);
  if (minutes < 1) return "less than a minute";
  if (minutes < 60) return counted(minutes, "minute");
  if (minutes < 48 * 60) return counted(Math.floor(minutes / 60), "hour");
  return counted(Math.floor(minutes / (24 * 60)), "day");
}

function threeDigits(value: number): string {
  return value.toFixed(value < 9.995 ? 2 : value < 99.95 ? 1 : 0);
}
