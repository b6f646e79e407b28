// The v1 twins that are served, made from the signed metainfo. Parsing that of a folder with a hundred thousand files takes
// seconds in which nothing else is answered, so what was made is kept: a version is never replaced. Two requests at once
// wait for the same one.

import { ORIGIN_TWINS_KEPT_BYTES_MAX } from "../../core/index.ts";
import { buildTwin, parseMetainfo } from "../../metainfo/index.ts";
import type { Catalogue } from "../catalogue/catalogue.ts";
import { refOf, type Release } from "../domain.ts";

export class TwinFiles {
  readonly #catalogue: Pick<Catalogue, "metainfo">;
  /** The one that was asked for longest ago comes first. */
  readonly #kept = new Map<string, Promise<Buffer | null>>();
  readonly #sizes = new Map<string, number>();
  #keptBytes = 0;
  readonly #keptBytesMax: number;

  constructor(catalogue: Pick<Catalogue, "metainfo">, keptBytesMax: number = ORIGIN_TWINS_KEPT_BYTES_MAX) {
    this.#catalogue = catalogue;
    this.#keptBytesMax = keptBytesMax;
  }

  /** Null where the catalogue has no metainfo. */
  async of(release: Release): Promise<Buffer | null> {
    const key = `${refOf(release)} ${release.infoHashV2}`;
    const kept = this.#kept.get(key);
    const twin = kept ?? this.#make(release);
    this.#kept.delete(key);
    this.#kept.set(key, twin);
    try {
      const bytes = await twin;
      if (bytes === null) this.#drop(key);
      else if (kept === undefined) this.#made(key, bytes.length);
      return bytes;
    } catch (error) {
      this.#drop(key);
      throw error;
    }
  }

  async #make(release: Release): Promise<Buffer | null> {
    const metainfo = await this.#catalogue.metainfo(release);
    return metainfo === null ? null : buildTwin(parseMetainfo(metainfo));
  }

  /** The newest stays in any case. */
  #made(key: string, lengthBytes: number): void {
    if (!this.#kept.has(key) || this.#sizes.has(key)) return;
    this.#sizes.set(key, lengthBytes);
    this.#keptBytes += lengthBytes;
    for (const oldest of this.#kept.keys()) {
      if (this.#keptBytes <= this.#keptBytesMax || oldest === key) return;
      this.#drop(oldest);
    }
  }

  #drop(key: string): void {
    this.#kept.delete(key);
    this.#keptBytes -= this.#sizes.get(key) ?? 0;
    this.#sizes.delete(key);
  }
}
