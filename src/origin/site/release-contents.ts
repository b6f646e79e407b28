// What a release's page takes from its metainfo: the magnet link and the list of files. Kept, because a version is never
// replaced and the metainfo of a large release has megabytes.

import { SITE_CONTENTS_CACHED_MAX, SITE_FILES_LISTED_MAX } from "../../core/index.ts";
import { magnetOf, parseMetainfo } from "../../metainfo/index.ts";
import type { Catalogue } from "../catalogue/catalogue.ts";
import { refOf, type Release } from "../domain.ts";

export interface ReleaseContents {
  readonly magnet: string;
  /** Below the release's name; empty for a single file. At most SITE_FILES_LISTED_MAX. */
  readonly files: readonly { readonly path: readonly string[]; readonly lengthBytes: number }[];
  /** How many more there are. */
  readonly unlistedCount: number;
}

export class ReleaseContentsCache {
  readonly #catalogue: Pick<Catalogue, "metainfo">;
  readonly #kept = new Map<string, ReleaseContents>();

  constructor(catalogue: Pick<Catalogue, "metainfo">) {
    this.#catalogue = catalogue;
  }

  async of(release: Release): Promise<ReleaseContents> {
    // The hash too, so that nothing can be shown for other bytes.
    const key = `${refOf(release)} ${release.infoHashV2}`;
    const kept = this.#kept.get(key);
    if (kept !== undefined) return kept;
    const metainfo = await this.#catalogue.metainfo(release);
    if (metainfo === null) throw new Error(`The catalogue has no metainfo of ${refOf(release)}.`);
    const contents = readContents(metainfo);
    const [oldest] = this.#kept.keys();
    if (this.#kept.size >= SITE_CONTENTS_CACHED_MAX && oldest !== undefined) this.#kept.delete(oldest);
    this.#kept.set(key, contents);
    return contents;
  }
}

function readContents(metainfo: Buffer): ReleaseContents {
  const torrent = parseMetainfo(metainfo);
  const files = torrent.layout.isFolder ? torrent.layout.files.filter(({ kind }) => kind !== "pad") : [];
  return {
    magnet: magnetOf(torrent),
    files: files.slice(0, SITE_FILES_LISTED_MAX).map(({ path, lengthBytes }) => ({ path, lengthBytes })),
    unlistedCount: Math.max(files.length - SITE_FILES_LISTED_MAX, 0),
  };
}
