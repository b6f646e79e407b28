// The comparison: the same file from an ordinary web server with the same uplink, to a few machines at once. What more
// machines would take follows from it, since every one of them takes a whole copy through that uplink.

import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { stat } from "node:fs/promises";
import type { AddressInfo } from "node:net";
import { pipeline } from "node:stream/promises";
import { nodeHttp, RateLimiter } from "../../net/index.ts";

export interface DirectDownload {
  readonly machines: number;
  /** From the first request until the last machine had everything. */
  readonly seconds: number;
  readonly sentBytes: number;
}

const READ_BYTES = 16_384;

/** Serves `path` at `bytesPerSecond` in all to `machines` at once. `onProgress` gets the bytes sent so far. */
export async function measureDirectDownload(
  path: string,
  options: { machines: number; bytesPerSecond: number; signal: AbortSignal; onProgress: (sentBytes: number) => void },
): Promise<DirectDownload> {
  const { machines, signal } = options;
  const limiter = new RateLimiter(options.bytesPerSecond);
  const { size } = await stat(path);
  let sentBytes = 0;
  const onSent = (lengthBytes: number): void => {
    sentBytes += lengthBytes;
    options.onProgress(sentBytes);
  };
  const server = nodeHttp().createServer((_request, response) => {
    response.setHeader("content-length", size);
    const source = createReadStream(path, { highWaterMark: READ_BYTES });
    pipeline(source, (bytes: AsyncIterable<Buffer>) => shape(bytes, limiter, onSent), response).catch(
      (error: unknown) => {
        response.destroy(error instanceof Error ? error : undefined);
      },
    );
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  try {
    const startMs = performance.now();
    const hashes = await Promise.all(Array.from({ length: machines }, () => download(port, signal)));
    const seconds = (performance.now() - startMs) / 1_000;
    if (new Set(hashes).size !== 1) throw new Error("The direct downloads differ.");
    return { machines, seconds, sentBytes };
  } finally {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
}

/** Holds each part back until the uplink has room for it. */
async function* shape(
  source: AsyncIterable<Buffer>,
  limiter: RateLimiter,
  onSent: (lengthBytes: number) => void,
): AsyncGenerator<Buffer> {
  for await (const bytes of source) {
    while (!limiter.tryTake(bytes.length, performance.now())) {
      await new Promise((resolve) => setTimeout(resolve, limiter.waitMs(bytes.length, performance.now())));
    }
    onSent(bytes.length);
    yield bytes;
  }
}

/** One machine's HTTP download: its SHA-256. */
function download(port: number, signal: AbortSignal): Promise<string> {
  return new Promise((resolve, reject) => {
    const request = nodeHttp().get({ host: "127.0.0.1", port, agent: false, signal }, (response) => {
      const hash = createHash("sha256");
      pipeline(response, hash).then(() => resolve(hash.digest("hex")), reject);
    });
    request.once("error", reject);
  });
}
