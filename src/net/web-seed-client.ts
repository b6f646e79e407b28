// Ranges of files from web seeds (BEP 19) over HTTP and HTTPS.
// Invariant: the consumer gets exactly the bytes of the range, in order, or a rejection; never a byte more, whatever
// the server sends. Whether they are the right bytes is for the hashes to say.
// A server that ignores Range is refused unless the whole file was wanted: skipping to the range would download the
// file once for every range of it.

import { WEB_SEED_CONNECTIONS_MAX } from "../core/index.ts";
import { bodyOf, contentEncoding, contentLength } from "./http-body.ts";
import { HttpClient } from "./http-client.ts";
import type { HttpClientOptions, HttpReply } from "./http-client.ts";
import { statusError } from "./http-status.ts";
import { NetError } from "./net-error.ts";
import { shown } from "./url-policy.ts";

export type WebSeedClientOptions = HttpClientOptions;

export interface FetchRange {
  /** The file's URL: see webSeedFileUrl(). */
  readonly url: string;
  readonly start: number;
  /** At least 1. */
  readonly lengthBytes: number;
  readonly fileLengthBytes: number;
  readonly signal: AbortSignal;
  /**
   * The bytes in order, in buffers of any size, together lengthBytes. The buffer is the receiver's to keep. Reading
   * waits for the promise: this is the backpressure. What it throws ends the request and rejects fetchRange.
   */
  readonly onData: (bytes: Buffer) => void | Promise<void>;
}

export class WebSeedClient {
  readonly #http: HttpClient;

  constructor(options: WebSeedClientOptions = {}) {
    this.#http = new HttpClient(WEB_SEED_CONNECTIONS_MAX, options);
  }

  /** @throws NetError; the signal's reason; what onData threw */
  async fetchRange(range: FetchRange): Promise<void> {
    const { start, lengthBytes, fileLengthBytes, signal } = range;
    if (!(start >= 0 && lengthBytes >= 1 && start + lengthBytes <= fileLengthBytes)) {
      throw new RangeError(`${start}+${lengthBytes} is no range of ${fileLengthBytes} bytes`);
    }
    const headers = { range: `bytes=${start}-${start + lengthBytes - 1}`, "accept-encoding": "identity" };
    const reply = await this.#http.get(range.url, { purpose: "web-seed", signal, headers });
    try {
      checkHead(reply, range);
      await deliver(reply, range, this.#http.idleTimeoutMs);
    } catch (error) {
      reply.message.destroy();
      throw error;
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#http[Symbol.asyncDispose]();
  }
}

/** Everything that can be told from the head is told before a byte is handed on. */
function checkHead(reply: HttpReply, range: FetchRange): void {
  const { status, url } = reply;
  const isWholeFile = range.lengthBytes === range.fileLengthBytes;
  if (status === 200 && !isWholeFile) {
    throw new NetError("net.web-seed-range", `${shown(url)} sends the whole file where a range was asked for.`, {
      status,
    });
  }
  if (status === 416) {
    throw new NetError("net.web-seed-range", `${shown(url)} does not have the range that was asked for.`, { status });
  }
  if (status !== 200 && status !== 206) throw statusError(reply, "web-seed");
  if (status === 206) checkContentRange(reply, range);
  const encoding = contentEncoding(reply);
  if (encoding !== "identity") {
    throw new NetError("net.content-encoding", `${shown(url)} sends the file in the coding ${encoding}.`, { status });
  }
  const length = contentLength(reply);
  if (length !== null && length !== range.lengthBytes) {
    const message = `${shown(url)} announces ${length} bytes where ${range.lengthBytes} were asked for.`;
    throw new NetError("net.web-seed-length", message, { status });
  }
}

/** A multipart/byteranges reply has no Content-Range and is refused by that: one range was asked for. */
function checkContentRange(reply: HttpReply, range: FetchRange): void {
  const text = reply.message.headers["content-range"] ?? "";
  const match = /^bytes (\d{1,16})-(\d{1,16})\/(\d{1,16}|\*)$/i.exec(text.trim());
  const isRange = Number(match?.[1]) === range.start && Number(match?.[2]) === range.start + range.lengthBytes - 1;
  const isFile = match?.[3] === "*" || Number(match?.[3]) === range.fileLengthBytes;
  if (isRange && isFile) return;
  const message = `${shown(reply.url)} answers with another range or of another file ("${text.slice(0, 100)}").`;
  throw new NetError("net.web-seed-range", message, { status: 206 });
}

async function deliver(reply: HttpReply, range: FetchRange, idleTimeoutMs: number): Promise<void> {
  let missing = range.lengthBytes;
  const isBounded = contentLength(reply) !== null;
  for await (const bytes of bodyOf(reply, { idleTimeoutMs, signal: range.signal })) {
    const wanted = bytes.length <= missing ? bytes : bytes.subarray(0, missing);
    missing -= wanted.length;
    const taken = range.onData(wanted);
    // Awaiting only what is a promise spares a turn of the event loop for each buffer.
    if (taken !== undefined) await taken;
    range.signal.throwIfAborted();
    // A body of unknown length may never end; one of known length ends here by itself and its connection is kept.
    if (missing === 0 && !isBounded) break;
  }
  if (missing > 0) {
    const message = `${shown(reply.url)} ended ${missing} bytes before the end of the range.`;
    throw new NetError("net.web-seed-length", message, { status: reply.status, retryable: true });
  }
}
