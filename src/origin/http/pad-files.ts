// The pad files of a release (BEP 47): zeros that a v1 client takes for files like any other and asks the web seed for, by
// the paths that the metainfo gives them. They lie on no disk. Which there are is read from the metainfo once and kept for
// the releases that were asked last.
// Invariant: a pad file is there only if the release's metainfo has it, with the length that it has there.

import { ORIGIN_PAD_LISTS_KEPT_MAX } from "../../core/index.ts";
import { parseMetainfo } from "../../metainfo/index.ts";
import type { Catalogue } from "../catalogue/catalogue.ts";
import { refOf, type Release } from "../domain.ts";
import type { OpenedFile } from "../payloads/payload-store.ts";

/** What is sent: read at an offset, like a file's handle. */
export interface SentFile extends Pick<OpenedFile, "lengthBytes"> {
  readonly handle: Pick<OpenedFile["handle"], "read" | "close">;
}

export class PadFiles {
  readonly #catalogue: Pick<Catalogue, "metainfo">;
  /** By release, the one that was asked last at the end; lengths in order, four bytes each. */
  readonly #kept = new Map<string, Promise<Uint32Array>>();

  constructor(catalogue: Pick<Catalogue, "metainfo">) {
    this.#catalogue = catalogue;
  }

  /** `path`: the artifact's name and what is below. Null where the release has no such pad file. */
  async open(release: Release, path: readonly string[]): Promise<SentFile | null> {
    const [, folder, name = "", ...rest] = path;
    if (release.kind !== "folder" || folder !== ".pad" || rest.length > 0 || !/^[1-9]\d{0,9}$/.test(name)) return null;
    const lengthBytes = Number(name);
    return holds(await this.#lengthsOf(release), lengthBytes) ? { lengthBytes, handle: zeros } : null;
  }

  #lengthsOf(release: Release): Promise<Uint32Array> {
    // The hash too, so that nothing is answered for other bytes.
    const key = `${refOf(release)} ${release.infoHashV2}`;
    const lengths = this.#kept.get(key) ?? this.#read(release, key);
    this.#kept.delete(key);
    this.#kept.set(key, lengths);
    const [oldest] = this.#kept.keys();
    if (this.#kept.size > ORIGIN_PAD_LISTS_KEPT_MAX && oldest !== undefined) this.#kept.delete(oldest);
    return lengths;
  }

  #read(release: Release, key: string): Promise<Uint32Array> {
    const lengths = this.#catalogue.metainfo(release).then((metainfo) => {
      const files = metainfo === null ? [] : parseMetainfo(metainfo).layout.files;
      const pads = files.filter(({ kind }) => kind === "pad").map(({ lengthBytes }) => lengthBytes);
      return Uint32Array.from(new Set(pads)).sort();
    });
    lengths.catch(() => this.#kept.delete(key));
    return lengths;
  }
}

/** Binary search: a release has as many pad files as files. */
function holds(sorted: Uint32Array, wanted: number): boolean {
  let [low, high] = [0, sorted.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((sorted[middle] ?? 0) < wanted) low = middle + 1;
    else high = middle;
  }
  return sorted[low] === wanted;
}

const zeros: SentFile["handle"] = {
  read: (<T extends NodeJS.ArrayBufferView>(buffer: T, offset: number, length: number) => {
    Buffer.from(buffer.buffer, buffer.byteOffset, buffer.byteLength).fill(0, offset, offset + length);
    return Promise.resolve({ bytesRead: length, buffer });
  }) as SentFile["handle"]["read"],
  close: () => Promise.resolve(),
};
