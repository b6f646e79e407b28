// Trackers (BEP 3, 12) and web seeds (BEP 19) of a metainfo file. What is no URL of a known scheme is left out, not refused.

import type { BencodeDict, BencodeValue } from "../bencode/index.ts";
import { TRACKER_COUNT_MAX, URL_LENGTH_MAX, WEB_SEED_COUNT_MAX } from "../core/index.ts";

const trackerSchemes: ReadonlySet<string> = new Set(["http:", "https:", "udp:"]);
const webSeedSchemes: ReadonlySet<string> = new Set(["http:", "https:"]);

/** The URL as it was written, or null where we could not use it. */
export function trackerUrl(text: string): string | null {
  const url = urlOf(text, trackerSchemes);
  return url === null || (url.protocol === "udp:" && url.port === "") ? null : text;
}

/** The URL as it was written, or null where we could not use it. */
export function webSeedUrl(text: string): string | null {
  return urlOf(text, webSeedSchemes) === null ? null : text;
}

function urlOf(text: string, schemes: ReadonlySet<string>): URL | null {
  // The parser drops tabs and line breaks silently, and what is shown would not be what is fetched.
  if (text.length > URL_LENGTH_MAX || /[\s\p{Cc}\p{Cf}\ufffd]/u.test(text)) return null;
  const url = URL.parse(text);
  return url !== null && schemes.has(url.protocol) && url.hostname !== "" ? url : null;
}

/** `announce-list` where it has a usable entry, else `announce` as the only tier. Each URL once. */
export function readTrackers(root: BencodeDict): readonly (readonly string[])[] {
  const seen = new Set<string>();
  const tiers: string[][] = [];
  for (const tier of root.list("announce-list") ?? []) {
    const urls = Array.isArray(tier)
      ? textsOf(tier as readonly BencodeValue[], trackerUrl, seen, TRACKER_COUNT_MAX)
      : [];
    if (urls.length > 0) tiers.push(urls);
  }
  if (tiers.length > 0) return tiers;
  const urls = textsOf([root.bytes("announce") ?? Buffer.alloc(0)], trackerUrl, seen, 1);
  return urls.length > 0 ? [urls] : [];
}

/** `url-list`: a string or a list of strings. */
export function readWebSeeds(root: BencodeDict): readonly string[] {
  const single = root.bytes("url-list");
  const list = single === undefined ? (root.list("url-list") ?? []) : [single];
  return textsOf(list, webSeedUrl, new Set(), WEB_SEED_COUNT_MAX);
}

function textsOf(
  values: readonly BencodeValue[],
  accept: (text: string) => string | null,
  seen: Set<string>,
  countMax: number,
): string[] {
  const texts: string[] = [];
  for (const value of values) {
    if (!Buffer.isBuffer(value) || seen.size >= countMax) continue;
    const text = accept(value.toString("utf8"));
    if (text === null || seen.has(text)) continue;
    seen.add(text);
    texts.push(text);
  }
  return texts;
}
