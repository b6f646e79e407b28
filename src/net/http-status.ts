// What a status that is no success means to us: whether it is for ever, for whom to ask, and when to come back.

import { RETRY_AFTER_MAX_MS } from "../core/index.ts";
import type { HttpReply } from "./http-client.ts";
import { NetError } from "./net-error.ts";
import type { NetErrorCode } from "./net-error.ts";
import { shown } from "./url-policy.ts";
import type { UrlPurpose } from "./url-policy.ts";

/** Client errors that pass: a timeout, "too early", "too many requests". */
const passing: readonly number[] = [408, 425, 429];

/** Destroys the rest of the reply. `wallMs` is for a Retry-After that is a date. */
export function statusError(reply: HttpReply, purpose: UrlPurpose, wallMs: number = Date.now()): NetError {
  const { status, message, url } = reply;
  message.destroy();
  const blockedBy = status === 451 ? blockedByOf(message.headers.link) : null;
  const retryAfterMs = parseRetryAfter(message.headers["retry-after"], wallMs);
  return new NetError(codeOf(status, purpose), `${shown(url)} answered ${status}${meaningOf(status)}.`, {
    status,
    retryable: status >= 500 || passing.includes(status) || isPassingForTracker(status, purpose),
    ...(retryAfterMs === null ? {} : { retryAfterMs }),
    ...(blockedBy === null ? {} : { blockedBy }),
  });
}

/** Seconds or an HTTP date (RFC 9110, 10.2.3) as milliseconds from now, at most a day; null where it is neither. */
export function parseRetryAfter(value: string | undefined, wallMs: number): number | null {
  if (value === undefined) return null;
  const waitMs = /^\d{1,15}$/.test(value.trim()) ? Number(value) * 1000 : Date.parse(value) - wallMs;
  return Number.isNaN(waitMs) ? null : Math.min(Math.max(waitMs, 0), RETRY_AFTER_MAX_MS);
}

function codeOf(status: number, purpose: UrlPurpose): NetErrorCode {
  const isWebSeed = purpose === "web-seed";
  if (status === 404) return isWebSeed ? "net.web-seed-not-found" : "net.not-found";
  if (status === 410) return isWebSeed ? "net.web-seed-gone" : "net.gone";
  if (status === 451) return isWebSeed ? "net.web-seed-withdrawn" : "net.withdrawn";
  return "net.http-status";
}

/** Trackers say 400, 403 or 404 of a torrent that they have not been told of yet. */
function isPassingForTracker(status: number, purpose: UrlPurpose): boolean {
  return purpose === "tracker" && status !== 410 && status !== 451;
}

function meaningOf(status: number): string {
  if (status === 404) return " (not found)";
  if (status === 410) return " (gone for good)";
  if (status === 451) return " (withdrawn for legal reasons)";
  return "";
}

/** RFC 7725 */
function blockedByOf(link: string | string[] | undefined): string | null {
  const match = /<([^<>]{1,2048})>[^<]*;\s*rel="?blocked-by"?/i.exec([link ?? ""].flat().join(", "));
  return match?.[1] ?? null;
}
