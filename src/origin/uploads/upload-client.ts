// A publisher's end of upload-protocol.ts: each call is one request. Who calls decides what is tried again.
//
// Redirects are not followed: the token is for the origin that was named and for nobody else.

import { messageOf, UPLOAD_ANSWER_BYTES_MAX, UPLOAD_IDLE_MS } from "../../core/index.ts";
import type { ReleaseRef } from "../domain.ts";
import { answerErrorOf, OriginAnswerError } from "./origin-answer-error.ts";
import { UploadError } from "./upload-error.ts";
import {
  METAINFO_TYPE,
  OFFSET_HEADER,
  PART_TYPE,
  UPLOADS_PATH,
  type BasisAnswer,
  type BeginAnswer,
  type CompletionAnswer,
  type CompletionRequest,
  type UploadSettings,
} from "./upload-protocol.ts";

export interface UploadClientOptions {
  /** Of the origin's site. */
  readonly url: string;
  readonly token: string;
  readonly signal?: AbortSignal | undefined;
}

interface Order {
  readonly method: "GET" | "HEAD" | "POST" | "PATCH";
  /** Below UPLOADS_PATH. */
  readonly path: string;
  readonly type?: string;
  readonly body?: string | Uint8Array<ArrayBuffer> | AsyncIterable<Uint8Array>;
  readonly headers?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal | undefined;
}

/** All throw OriginAnswerError where the origin refuses, UploadError upload.unreachable, or the signal's reason. */
export class UploadClient {
  readonly #base: URL;
  readonly #token: string;
  readonly #signal: AbortSignal | undefined;

  /** @throws UploadError upload.request */
  constructor({ url, token, signal }: UploadClientOptions) {
    const base = URL.parse(url);
    if (base === null || !/^https?:$/.test(base.protocol)) {
      throw new UploadError(
        "upload.request",
        `${JSON.stringify(url)} is not the address of an origin, like https://updates.example.`,
      );
    }
    this.#base = base;
    this.#token = token;
    this.#signal = signal;
  }

  async settings(): Promise<UploadSettings> {
    return (await this.#json({ method: "GET", path: "" })) as UploadSettings;
  }

  async begin({ product, version }: ReleaseRef, metainfo: Buffer): Promise<BeginAnswer> {
    const path = `?${new URLSearchParams({ product, version }).toString()}`;
    return (await this.#json({
      method: "POST",
      path,
      type: METAINFO_TYPE,
      body: new Uint8Array(metainfo),
    })) as BeginAnswer;
  }

  async offset(id: string): Promise<number> {
    return offsetOf(await this.#send({ method: "HEAD", path: `/${id}` }));
  }

  /** @returns how far the upload has come then. A body that is not taken for UPLOAD_IDLE_MS ends it. */
  async append(id: string, offset: number, body: AsyncIterable<Uint8Array>): Promise<number> {
    const stalled = new AbortController();
    const timer = setTimeout(() => {
      stalled.abort(new UploadError("upload.idle", `The origin took nothing for ${UPLOAD_IDLE_MS / 1000} s.`));
    }, UPLOAD_IDLE_MS);
    const watched = async function* (): AsyncGenerator<Uint8Array> {
      for await (const bytes of body) {
        timer.refresh();
        yield bytes;
      }
    };
    try {
      const headers = { [OFFSET_HEADER]: String(offset) };
      const signal = this.#signal === undefined ? stalled.signal : AbortSignal.any([this.#signal, stalled.signal]);
      const order = { method: "PATCH", path: `/${id}`, type: PART_TYPE, body: watched(), headers, signal } as const;
      return offsetOf(await this.#send(order));
    } finally {
      clearTimeout(timer);
    }
  }

  async basis(id: string): Promise<BasisAnswer> {
    return (await this.#json({ method: "GET", path: `/${id}/basis` })) as BasisAnswer;
  }

  async complete(id: string, request: CompletionRequest): Promise<CompletionAnswer> {
    const path = `/${id}/complete`;
    const body = JSON.stringify(request);
    return (await this.#json({ method: "POST", path, type: "application/json", body })) as CompletionAnswer;
  }

  async #json(order: Order): Promise<unknown> {
    const text = await readText(await this.#send(order));
    try {
      return JSON.parse(text);
    } catch (cause) {
      throw new UploadError("upload.refused", `What answers at ${this.#base.href} is no Upswarm origin.`, { cause });
    }
  }

  async #send({ method, path, type, body, headers = {}, signal = this.#signal }: Order): Promise<Response> {
    const url = new URL(`${this.#base.pathname.replace(/\/$/, "")}${UPLOADS_PATH}${path}`, this.#base);
    let response: Response;
    try {
      response = await fetch(url, {
        method,
        redirect: "error",
        headers: {
          authorization: `Bearer ${this.#token}`,
          accept: "application/json, application/problem+json",
          ...(type === undefined ? {} : { "content-type": type }),
          ...headers,
        },
        ...(body === undefined ? {} : { body, duplex: "half" }),
        ...(signal === undefined ? {} : { signal }),
      });
    } catch (error) {
      this.#signal?.throwIfAborted();
      throw unreachable(url, error);
    }
    if (response.ok) return response;
    throw answerErrorOf(response.status, await readText(response).catch(() => ""));
  }
}

/** Whether the same may be tried again. */
export function isPassing(error: unknown): boolean {
  if (error instanceof OriginAnswerError) return error.retryable;
  return error instanceof UploadError && (error.code === "upload.unreachable" || error.code === "upload.idle");
}

/** fetch() says only that it failed; the reason is inside. Errors of our own body come through as they are. */
function unreachable(url: URL, error: unknown): UploadError {
  const { cause = error } = error as { cause?: unknown };
  for (const each of [error, cause]) if (each instanceof UploadError) return each;
  const text = `The origin at ${url.origin} cannot be reached: ${messageOf(cause)}`;
  return new UploadError("upload.unreachable", text, { cause: error, retryable: true });
}

function offsetOf(response: Response): number {
  const text = response.headers.get(OFFSET_HEADER) ?? "";
  if (!/^\d{1,15}$/.test(text))
    throw new UploadError("upload.refused", "The origin does not say how far the upload is.");
  return Number(text);
}

async function readText(response: Response): Promise<string> {
  const parts: Uint8Array[] = [];
  let lengthBytes = 0;
  for await (const part of response.body ?? []) {
    parts.push(part as Uint8Array);
    lengthBytes += (part as Uint8Array).length;
    if (lengthBytes > UPLOAD_ANSWER_BYTES_MAX) {
      throw new UploadError("upload.refused", `The origin's answer is longer than ${UPLOAD_ANSWER_BYTES_MAX} bytes.`);
    }
  }
  return Buffer.concat(parts).toString("utf8");
}
