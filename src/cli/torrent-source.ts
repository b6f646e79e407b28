// Where a command's torrent comes from: a .torrent file, a magnet link, or (for get) the URL of a .torrent.

import { open } from "node:fs/promises";
import { CodedError, METAINFO_LENGTH_MAX_BYTES } from "../core/index.ts";
import { MetainfoError, parseMagnet, parseMetainfo, type Magnet, type Metainfo } from "../metainfo/index.ts";
import { fetchMetainfo, type FetchMetainfoOptions } from "../net/index.ts";
import { fileError } from "./cli-error.ts";

export type TorrentSource =
  | { readonly kind: "metainfo"; readonly metainfo: Metainfo }
  | { readonly kind: "magnet"; readonly magnet: Magnet };

/** @throws CliError, MetainfoError, MagnetError */
export async function readSource(word: string): Promise<TorrentSource> {
  if (/^magnet:/i.test(word)) return { kind: "magnet", magnet: parseMagnet(word) };
  return { kind: "metainfo", metainfo: await readMetainfo(word) };
}

/** As readSource, and http(s) URLs. @throws NetError too */
export async function fetchSource(word: string, options: FetchMetainfoOptions): Promise<TorrentSource> {
  if (!/^https?:\/\//i.test(word)) return readSource(word);
  const bytes = await fetchMetainfo(word, options);
  if (bytes.subarray(0, 256).toString("latin1").trimStart().startsWith("<")) {
    throw new MetainfoError(
      "metainfo.syntax",
      `${word} is a page, not a .torrent: give the link of the .torrent on it.`,
    );
  }
  return { kind: "metainfo", metainfo: parseMetainfo(bytes) };
}

/** @throws CliError, MetainfoError */
export async function readMetainfo(path: string): Promise<Metainfo> {
  return parseMetainfo(await readBounded(path));
}

async function readBounded(path: string): Promise<Buffer> {
  try {
    await using file = await open(path);
    const { size } = await file.stat();
    // Checked before reading: a disk image that was named by mistake must not be read into memory.
    if (size > METAINFO_LENGTH_MAX_BYTES) {
      throw new MetainfoError("metainfo.size", `${path} has ${size} bytes: too many for a .torrent.`);
    }
    return await file.readFile();
  } catch (error) {
    throw error instanceof CodedError ? error : fileError(error, path, "read");
  }
}
