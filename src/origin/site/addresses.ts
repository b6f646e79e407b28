// Where things of a release are on this site. Every name is percent-encoded, so an address holds nothing but its own
// slashes. The torrents and files are served by the downloads; only the addresses are known here.

import type { Release, ReleaseRef } from "../domain.ts";

export function productPath(product: string): string {
  return `/${encodeURIComponent(product)}`;
}

export function releasePath({ product, version }: ReleaseRef): string {
  return `${productPath(product)}/${encodeURIComponent(version)}`;
}

export function torrentPath(release: Release): string {
  return `${releasePath(release)}/${encodeURIComponent(release.name)}.torrent`;
}

/** Of the v1 twin, for clients that cannot read hybrid torrents. */
export function twinPath(release: Release): string {
  return `${releasePath(release)}/${encodeURIComponent(release.name)}.v1.torrent`;
}

/** A file itself, or with its path below a folder. */
export function filePath(release: Release, below: readonly string[] = []): string {
  return `/download${releasePath(release)}/${[release.name, ...below].map(encodeURIComponent).join("/")}`;
}

export function livePath(ref: ReleaseRef): string {
  return `/live${releasePath(ref)}`;
}

export const FIRST_ROOT_PATH = "/tuf/1.root.json";
