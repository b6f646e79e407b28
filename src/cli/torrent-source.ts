// Where a command's torrent comes from: a .torrent file, a magnet link, or (for get) the URL of a .torrent or of a
// release's page. Which of the two a URL is, its answer says.

import { open } from "node:fs/promises";
import { CodedError, METAINFO_LENGTH_MAX_BYTES } from "../core/index.ts";
import { MetainfoError, parseMagnet, parseMetainfo, type Magnet, type Metainfo } from "../metainfo/index.ts";
import { DocumentClient, fetchMetainfo, NetError, type FetchMetainfoOptions } from "../net/index.ts";
import { fileError } from "./cli-error.ts";

export type TorrentSource =
  | { readonly kind: "metainfo"; readonly metainfo: Metainfo }
  | { readonly kind: "magnet"; readonly magnet: Magnet };

/** @throws CliError, MetainfoError, MagnetError */
export async function readSource(word: string): Promise<TorrentSource> {
  if (/^magnet:/i.test(word)) return { kind: "magnet", magnet: parseMagnet(word) };
  return { kind: "metainfo", metainfo: await readMetainfo(word) };
}

/** What an origin answered about a release's page. Unsigned: it only says where to look. */
export interface PageSource {
  readonly kind: "page";
  /** JSON; null where the page is gone (410, 451), which only its signed metadata can explain. */
  readonly bytes: Buffer | null;
  /** Where it came from, after redirects. */
  readonly url: URL;
  /** Why there is no JSON. */
  readonly error: NetError | null;
}

/** As readSource, and http(s) URLs. @throws NetError too */
export async function fetchSource(word: string, options: FetchMetainfoOptions): Promise<TorrentSource | PageSource> {
  if (!/^https?:\/\//i.test(word)) return readSource(word);
  const isTorrent = URL.parse(word)?.pathname.endsWith(".torrent") === true;
  const answer = isTorrent ? await fetchMetainfo(word, options) : await fetchPage(word, options);
  if (!Buffer.isBuffer(answer)) return answer;
  if (answer.subarray(0, 256).toString("latin1").trimStart().startsWith("<")) {
    throw new MetainfoError(
      "metainfo.syntax",
      `${word} is a page, not a .torrent: give the link of the .torrent on it.`,
    );
  }
  return { kind: "metainfo", metainfo: parseMetainfo(answer) };
}

/** A page's JSON, or the bytes of what may be a .torrent. */
async function fetchPage(word: string, options: FetchMetainfoOptions): Promise<Buffer | PageSource> {
  await using documents = new DocumentClient(options);
  const accept = "application/json, application/x-bittorrent;q=0.9, */*;q=0.1";
  const lengthBytesMax = options.lengthBytesMax ?? METAINFO_LENGTH_MAX_BYTES;
  try {
    const { bytes, url } = await documents.get(word, { accept, lengthBytesMax, signal: options.signal });
    const isJson = bytes.subarray(0, 256).toString("latin1").trimStart().startsWith("{");
    return isJson ? { kind: "page", bytes, url, error: null } : bytes;
  } catch (error) {
    if (!(error instanceof NetError && (error.status === 410 || error.status === 451))) throw error;
    return { kind: "page", bytes: null, url: new URL(word), error };
  }
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
