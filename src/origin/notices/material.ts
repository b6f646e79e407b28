// Which release a notice means: by the address of its page, of a download or of its .torrent here, by its magnet link or its
// info-hash, or as PRODUCT/VERSION. Addresses of other hosts are not looked at.

import { parseInfoHash } from "../../core/index.ts";
import type { Catalogue } from "../catalogue/catalogue.ts";
import type { Release } from "../domain.ts";

/** Where in a path the release's names can stand: /PRODUCT/VERSION, and below /api/v1/… or a download's path. */
const SEGMENTS_MAX = 8;

export async function findMaterial(catalogue: Catalogue, material: string, publicUrl: string): Promise<Release | null> {
  const infoHash = /(?:^|[^0-9a-f])([0-9a-f]{40})(?![0-9a-f])/i.exec(material)?.[1];
  if (infoHash !== undefined) return catalogue.byInfoHash(parseInfoHash(infoHash));
  const names = segmentsOf(material, publicUrl);
  for (const [index, product] of names.entries()) {
    const version = names[index + 1];
    const found = version === undefined ? null : await catalogue.release({ product, version });
    if (found !== null) return found;
  }
  return null;
}

function segmentsOf(material: string, publicUrl: string): readonly string[] {
  if (!URL.canParse(material, publicUrl)) return [];
  const url = new URL(material, `${publicUrl}/`);
  const here = new URL(publicUrl);
  // http or https, with or without the port: people copy what they see.
  if (url.hostname !== here.hostname) return [];
  const below = url.pathname.startsWith(here.pathname) ? url.pathname.slice(here.pathname.length) : url.pathname;
  return below
    .split("/")
    .filter((segment) => segment !== "")
    .slice(0, SEGMENTS_MAX)
    .map((segment) => decode(segment));
}

function decode(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    // Not percent-encoded, then: a name that holds a per cent sign.
    return segment;
  }
}
