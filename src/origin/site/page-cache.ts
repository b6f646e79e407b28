// Pages as they were drawn, until the catalogue changes or they are too old. A page is drawn once for all who ask for it
// at the same time. Invariant: what a withdrawal changed is never answered from before it, since the change number is
// asked on each request.

import { createHash } from "node:crypto";
import type { FastifyReply, FastifyRequest } from "fastify";
import { SITE_PAGES_CACHED_MAX } from "../../core/index.ts";
import type { OriginParts } from "../origin-parts.ts";

export interface Drawn {
  readonly text: string;
  /** HTML where it is not said. */
  readonly contentType?: string;
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
}

interface Kept {
  readonly changeNumber: number;
  readonly at: number;
  readonly page: Promise<StoredPage | null>;
}

interface StoredPage extends Drawn {
  readonly bytes: Buffer;
  readonly etag: string;
}

export interface PageRequest {
  /** All that the page depends on besides the catalogue and time. */
  readonly key: string;
  readonly ageMsMax: number;
  /** Null where there is no such page: then it is not kept. */
  readonly draw: () => Promise<Drawn | null>;
}

export class PageCache {
  readonly #kept = new Map<string, Kept>();
  readonly #parts: Pick<OriginParts, "catalogue" | "clock">;

  constructor(parts: Pick<OriginParts, "catalogue" | "clock">) {
    this.#parts = parts;
  }

  /** Answers with the page, with 304 to who has it, or as for any address that is not there. */
  async send(request: FastifyRequest, reply: FastifyReply, asked: PageRequest): Promise<FastifyReply> {
    const page = await this.#page(asked);
    if (page === null) return reply.callNotFound() as unknown as FastifyReply;
    const { status = 200, contentType = "text/html; charset=utf-8", headers = {} } = page;
    reply.headers({ "Cache-Control": "no-cache", ETag: page.etag, ...headers });
    if (status === 200 && matches(request.headers["if-none-match"], page.etag)) return reply.code(304).send();
    return reply.code(status).type(contentType).send(page.bytes);
  }

  async #page({ key, ageMsMax, draw }: PageRequest): Promise<StoredPage | null> {
    const changeNumber = await this.#parts.catalogue.changeNumber();
    const at = this.#parts.clock.now();
    const kept = this.#kept.get(key);
    if (kept !== undefined && kept.changeNumber === changeNumber && at - kept.at < ageMsMax) return kept.page;
    const page = draw().then((drawn) => (drawn === null ? null : store(drawn)));
    this.#keep(key, { changeNumber, at, page });
    const drop = (): void => {
      if (this.#kept.get(key)?.page === page) this.#kept.delete(key);
    };
    page.then((drawn) => drawn ?? drop(), drop);
    return page;
  }

  /** The oldest goes first: keys of pages that are asked for come back within seconds. */
  #keep(key: string, kept: Kept): void {
    this.#kept.delete(key);
    if (this.#kept.size >= SITE_PAGES_CACHED_MAX) {
      for (const oldest of this.#kept.keys()) {
        this.#kept.delete(oldest);
        break;
      }
    }
    this.#kept.set(key, kept);
  }
}

function store(drawn: Drawn): StoredPage {
  const bytes = Buffer.from(drawn.text);
  return { ...drawn, bytes, etag: `"${createHash("sha256").update(bytes).digest("base64url").slice(0, 22)}"` };
}

function matches(header: string | undefined, etag: string): boolean {
  return header !== undefined && header.split(",").some((tag) => tag.trim().replace(/^W\//, "") === etag);
}
