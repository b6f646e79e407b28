// A release as a test needs it: a payload that nobody else has, its hybrid torrent and its twin, around whatever trackers
// and web seeds: those stand outside of what the info-hashes are of.

import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { buildTwin, encodeMetainfo, formatMagnet, magnetOf, parseMetainfo } from "../../src/metainfo/index.ts";
import type { Metainfo } from "../../src/metainfo/index.ts";
import { noise, sha256 } from "../processes/payloads.ts";
import { create } from "../processes/upswarm.ts";

export interface Sources {
  readonly trackers?: readonly string[];
  readonly webSeeds?: readonly string[];
}

export interface Torrents {
  readonly hybrid: string;
  readonly twin: string;
  readonly magnet: { readonly hybrid: string; readonly v1: string; readonly twin: string };
}

export class Release {
  readonly folder: string;
  readonly path: string;
  readonly lengthBytes: number;
  readonly sha256: string;
  readonly #metainfo: Metainfo;
  #count = 0;

  private constructor(folder: string, path: string, metainfo: Metainfo) {
    this.folder = folder;
    this.path = path;
    this.lengthBytes = metainfo.layout.files.reduce((sum, file) => sum + file.lengthBytes, 0);
    this.sha256 = sha256(path);
    this.#metainfo = metainfo;
  }

  /** `seed` makes its bytes, so that two releases have no piece and no info-hash in common. */
  static async make(root: string, seed: number, lengthBytes: number, ...argv: readonly string[]): Promise<Release> {
    const folder = join(root, `release-${seed}`);
    const published = join(folder, "published");
    mkdirSync(published, { recursive: true });
    const path = join(published, `update-${seed}.bin`);
    writeFileSync(path, noise(lengthBytes, seed));
    const file = join(folder, "made.torrent");
    await create(path, file, "--piece-length", "32KiB", ...argv);
    return new Release(folder, path, parseMetainfo(readFileSync(file)));
  }

  /** Of the hybrid torrent and its twin, in hex. */
  get infoHashes(): readonly string[] {
    const { infoHashV1, infoHashV2 } = this.#metainfo;
    const twin = parseMetainfo(buildTwin(this.#metainfo)).infoHashV1;
    return [infoHashV1, infoHashV2, twin].filter((infoHash) => infoHash !== null);
  }

  get name(): string {
    return basename(this.path);
  }

  torrents({ trackers = [], webSeeds = [] }: Sources = {}): Torrents {
    const metainfo = { ...this.#metainfo, trackers: trackers.map((url) => [url]), webSeeds };
    const at = join(this.folder, String(++this.#count));
    const twin = buildTwin(metainfo);
    writeFileSync(`${at}.torrent`, encodeMetainfo(metainfo));
    writeFileSync(`${at}.twin.torrent`, twin);
    const magnet = {
      hybrid: magnetOf(metainfo),
      v1: formatMagnet({ infoHashV1: metainfo.infoHashV1, infoHashV2: null, trackers }),
      twin: magnetOf(parseMetainfo(twin)),
    };
    return { hybrid: `${at}.torrent`, twin: `${at}.twin.torrent`, magnet };
  }

  /** Where `who` has received it. */
  receivedIn(folder: string): string {
    return sha256(join(folder, this.name));
  }
}
