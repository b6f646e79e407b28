// What a conditional request gets (RFC 9110, 13.2.2), in the order that the RFC gives. Pure.

import type { IncomingHttpHeaders } from "node:http";
import { parseRange } from "./byte-range.ts";
import type { ByteRange } from "./byte-range.ts";

export interface Representation {
  /** With its quotes; strong: the same tag, the same bytes. */
  readonly etag: string;
  /** HTTP knows whole seconds. Null where only the tag tells. */
  readonly modifiedMs: number | null;
  readonly lengthBytes: number;
}

export type Verdict =
  | { readonly status: 200 }
  | { readonly status: 206; readonly range: ByteRange }
  | { readonly status: 304 }
  | { readonly status: 412 }
  | { readonly status: 416 };

export function judge(method: string, headers: IncomingHttpHeaders, now: Representation): Verdict {
  const ifMatch = headers["if-match"];
  const ifNoneMatch = headers["if-none-match"];
  if (ifMatch !== undefined) {
    if (!hasTag(ifMatch, now.etag, "strong")) return { status: 412 };
  } else if (isNewerThan(headers["if-unmodified-since"], now)) {
    return { status: 412 };
  }
  if (ifNoneMatch !== undefined) {
    if (hasTag(ifNoneMatch, now.etag, "weak")) return { status: 304 };
  } else if (isNewerThan(headers["if-modified-since"], now) === false) {
    return { status: 304 };
  }
  if (method !== "GET" || !isSame(headers["if-range"]?.toString(), now)) return { status: 200 };
  const range = parseRange(headers.range, now.lengthBytes);
  if (range === "whole") return { status: 200 };
  return range === "unsatisfiable" ? { status: 416 } : { status: 206, range };
}

function hasTag(header: string, etag: string, compare: "strong" | "weak"): boolean {
  if (header.trim() === "*") return true;
  const tags = header.match(/(?:W\/)?"[^"]*"/g) ?? [];
  return tags.some((tag) => tag === etag || (compare === "weak" && tag === `W/${etag}`));
}

/** Null where there is no date to compare with. */
function isNewerThan(header: string | undefined, { modifiedMs }: Representation): boolean | null {
  const date = Date.parse(header ?? "");
  return Number.isNaN(date) || modifiedMs === null ? null : wholeSeconds(modifiedMs) > date;
}

/** If-Range: whether what the client has a part of is what is here now. */
function isSame(header: string | undefined, { etag, modifiedMs }: Representation): boolean {
  if (header === undefined) return true;
  return header.startsWith('"')
    ? header === etag
    : modifiedMs !== null && Date.parse(header) === wholeSeconds(modifiedMs);
}

function wholeSeconds(ms: number): number {
  return Math.floor(ms / 1000) * 1000;
}
