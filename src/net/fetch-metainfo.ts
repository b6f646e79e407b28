// A metainfo file from a URL that a person gave. The bytes are untrusted: src/metainfo parses them.

import { METAINFO_LENGTH_MAX_BYTES } from "../core/index.ts";
import { readBody } from "./http-body.ts";
import { HttpClient } from "./http-client.ts";
import type { HttpClientOptions } from "./http-client.ts";
import { statusError } from "./http-status.ts";

export interface FetchMetainfoOptions extends HttpClientOptions {
  readonly signal: AbortSignal;
  /** METAINFO_LENGTH_MAX_BYTES unless it is smaller. */
  readonly lengthBytesMax?: number;
}

/** @throws NetError; the signal's reason */
export async function fetchMetainfo(url: string, options: FetchMetainfoOptions): Promise<Buffer> {
  const { signal } = options;
  await using http = new HttpClient(1, options);
  const headers = { accept: "application/x-bittorrent, */*;q=0.1", "accept-encoding": "identity" };
  const reply = await http.get(url, { purpose: "metainfo", signal, headers });
  if (reply.status !== 200) throw statusError(reply, "metainfo");
  return await readBody(reply, options.lengthBytesMax ?? METAINFO_LENGTH_MAX_BYTES, {
    idleTimeoutMs: http.idleTimeoutMs,
    signal,
  });
}
