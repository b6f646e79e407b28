// The site of an announce: a query parameter of our own, over UDP in the URL data (BEP 41). It asks the tracker for peers of
// the same site. Empty: the site has no name, its subnet is meant. Trackers that do not know it pass over it.

import { isSiteName } from "../core/index.ts";
import { AnnounceError } from "./announce-error.ts";
import { parseQueryString, percentEncode } from "./query-string.ts";

/** `value`: one byte a character. A name that is none is not worth a refusal: the peer then gets anybody. */
export function parseSite(value: string | undefined): string | null {
  if (value === undefined) return null;
  const name = Buffer.from(value, "latin1").toString("utf8");
  return name === "" || isSiteName(name) ? name : null;
}

/** None where no site is to be asked for. */
export function siteParameter(site: string | null): string[] {
  return site === null ? [] : [`site=${percentEncode(Buffer.from(site))}`];
}

/** URL data is an option: what is wrong with it does not make the announce wrong. */
export function siteOfUrlData(urlData: string): string | null {
  const mark = urlData.indexOf("?");
  if (mark === -1 || !urlData.includes("site=", mark)) return null;
  try {
    return parseSite(parseQueryString(urlData.slice(mark + 1)).get("site")?.[0]);
  } catch (error) {
    if (error instanceof AnnounceError) return null;
    throw error;
  }
}

/** What a UDP tracker is told of its URL and of the site: nothing where neither says anything. */
export function urlDataOf({ pathname, search }: URL, site: string | null): string {
  const query = [...(search.length > 1 ? [search.slice(1)] : []), ...siteParameter(site)].join("&");
  if (query !== "") return `${pathname}?${query}`;
  return pathname === "/" || pathname === "/announce" ? "" : pathname;
}
