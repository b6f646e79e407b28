// The body of an HTTP reply: as a stream of buffers with an idle time-out, or whole and bounded.
// Invariant: where reading ends before the body does, for whatever reason, the connection is destroyed, so that an
// endless body costs nothing.

import { promisify } from "node:util";
import { gunzip } from "node:zlib";
import { HTTP_REPLY_TIMEOUT_MS } from "../core/index.ts";
import { NetError } from "./net-error.ts";
import type { HttpReply } from "./http-client.ts";
import { shown } from "./url-policy.ts";

export interface BodyOptions {
  /** The longest silence while we wait for more; the time that the consumer takes is not counted. */
  readonly idleTimeoutMs: number;
  readonly signal: AbortSignal;
  /** All of a body that is read whole; HTTP_REPLY_TIMEOUT_MS unless it is less. */
  readonly replyTimeoutMs?: number;
}

/** Content-Length where it is a number, else null. */
export function contentLength(reply: HttpReply): number | null {
  const text = reply.message.headers["content-length"];
  return text !== undefined && /^\d{1,15}$/.test(text) ? Number(text) : null;
}

/** The content coding, "identity" where there is none. */
export function contentEncoding(reply: HttpReply): string {
  return reply.message.headers["content-encoding"]?.trim().toLowerCase() || "identity";
}

/** @throws NetError net.timeout, net.protocol; the signal's reason */
export async function* bodyOf(reply: HttpReply, options: BodyOptions): AsyncGenerator<Buffer, void, undefined> {
  const { message, url } = reply;
  const { idleTimeoutMs, signal } = options;
  let isWaiting = true;
  const timer = setTimeout(() => {
    if (!isWaiting) return;
    const said = `${shown(url)} went silent for ${idleTimeoutMs} ms in the middle of its answer.`;
    message.destroy(new NetError("net.timeout", said, { retryable: true }));
  }, idleTimeoutMs);
  // Through the message: to destroy the request would leave this loop waiting.
  const abort = (): void => void message.destroy(new Error("aborted"));
  signal.addEventListener("abort", abort, { once: true });
  try {
    signal.throwIfAborted();
    for await (const bytes of message) {
      isWaiting = false;
      yield bytes as Buffer;
      isWaiting = true;
      timer.refresh();
    }
  } catch (cause) {
    signal.throwIfAborted();
    if (cause instanceof NetError) throw cause;
    const said = `${shown(url)} stopped in the middle of its answer.`;
    throw new NetError("net.protocol", said, { cause, retryable: true });
  } finally {
    clearTimeout(timer);
    signal.removeEventListener("abort", abort);
    if (!message.complete) message.destroy();
  }
}

const gunzipLimited = promisify(gunzip);

/**
 * The whole body, at most `bytesMax`, also when unpacked: gzip is undone since some HTTP trackers send nothing else.
 * @throws NetError net.reply-too-long, net.content-encoding, net.timeout, net.protocol; the signal's reason
 */
export async function readBody(reply: HttpReply, bytesMax: number, options: BodyOptions): Promise<Buffer> {
  const { message, url } = reply;
  const tooLong = (): NetError =>
    new NetError("net.reply-too-long", `${shown(url)} answered with more than ${bytesMax} bytes.`);
  const encoding = contentEncoding(reply);
  if (encoding !== "identity" && encoding !== "gzip") {
    message.destroy();
    throw new NetError("net.content-encoding", `${shown(url)} answered in the coding ${encoding}.`);
  }
  if ((contentLength(reply) ?? 0) > bytesMax) {
    message.destroy();
    throw tooLong();
  }
  const { replyTimeoutMs = HTTP_REPLY_TIMEOUT_MS } = options;
  const total = setTimeout(() => {
    const said = `${shown(url)} took more than ${replyTimeoutMs} ms to send its answer.`;
    message.destroy(new NetError("net.timeout", said, { retryable: true }));
  }, replyTimeoutMs);
  const parts: Buffer[] = [];
  let length = 0;
  try {
    for await (const bytes of bodyOf(reply, options)) {
      length += bytes.length;
      if (length > bytesMax) throw tooLong();
      parts.push(bytes);
    }
  } finally {
    clearTimeout(total);
  }
  const body = Buffer.concat(parts);
  if (encoding === "identity") return body;
  try {
    return await gunzipLimited(body, { maxOutputLength: bytesMax });
  } catch (cause) {
    if ((cause as { code?: string }).code === "ERR_BUFFER_TOO_LARGE") throw tooLong();
    throw new NetError("net.content-encoding", `${shown(url)} answered with damaged gzip.`, { cause });
  }
}
