// Who may keep what for how long. What a reader has, no withdrawal can recall, so a browser may keep it; a cache that
// many share has to ask again each time (a 304 of a few bytes), or it would go on serving what was withdrawn.

import { createHash } from "node:crypto";
import type { FastifyReply, FastifyRequest } from "fastify";
import { judge } from "./preconditions.ts";

/** Bytes that never change under their address. */
export const IMMUTABLE = "public, max-age=31536000, immutable, s-maxage=0, proxy-revalidate";
/** May be kept, and is asked for again each time. */
export const REVALIDATE = "public, no-cache";

/** A strong tag, of the bytes at hand. */
function etagOfBytes(bytes: Uint8Array): string {
  return `"${createHash("sha256").update(bytes).digest("hex").slice(0, 32)}"`;
}

/** A small file from memory; 304 where the client has it. */
export function sendBytes(
  request: FastifyRequest,
  reply: FastifyReply,
  { bytes, type, cache }: { readonly bytes: Buffer; readonly type: string; readonly cache: string },
): FastifyReply {
  const etag = etagOfBytes(bytes);
  reply.header("Cache-Control", cache).header("ETag", etag);
  const verdict = judge("HEAD", request.headers, { etag, modifiedMs: null, lengthBytes: bytes.length });
  return verdict.status === 200 ? reply.type(type).send(bytes) : reply.code(verdict.status).send();
}
