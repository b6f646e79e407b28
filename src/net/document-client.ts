// Whole, bounded documents from a server that a person named: release metadata, pages that programs read. Several
// requests share connections. The bytes are untrusted, and a status that is no success is an error.

import { DOCUMENT_CONNECTIONS_MAX } from "../core/index.ts";
import { readBody } from "./http-body.ts";
import { HttpClient, type HttpClientOptions } from "./http-client.ts";
import { statusError } from "./http-status.ts";

export interface DocumentClientOptions extends HttpClientOptions {
  /** All of one body; HTTP_REPLY_TIMEOUT_MS unless it is less. */
  readonly replyTimeoutMs?: number;
}

export interface GetDocument {
  readonly accept: string;
  readonly lengthBytesMax: number;
  readonly signal: AbortSignal;
}

export interface ReceivedDocument {
  readonly bytes: Buffer;
  /** Where it came from, after redirects. */
  readonly url: URL;
}

export class DocumentClient {
  readonly #http: HttpClient;
  readonly #replyTimeoutMs: number | undefined;

  constructor(options: DocumentClientOptions = {}) {
    this.#http = new HttpClient(DOCUMENT_CONNECTIONS_MAX, options);
    this.#replyTimeoutMs = options.replyTimeoutMs;
  }

  /** @throws NetError, with `status` where the server said no; the signal's reason */
  async get(url: string, { accept, lengthBytesMax, signal }: GetDocument): Promise<ReceivedDocument> {
    const headers = { accept, "accept-encoding": "identity" };
    const reply = await this.#http.get(url, { purpose: "metainfo", signal, headers });
    if (reply.status !== 200) throw statusError(reply, "metainfo");
    const bytes = await readBody(reply, lengthBytesMax, {
      idleTimeoutMs: this.#http.idleTimeoutMs,
      signal,
      ...(this.#replyTimeoutMs === undefined ? {} : { replyTimeoutMs: this.#replyTimeoutMs }),
    });
    return { bytes, url: reply.url };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#http[Symbol.asyncDispose]();
  }
}
