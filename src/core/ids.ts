// Branded identifiers. Only parsers and the layout value mint them, so that holding one means it was checked.
// Info-hashes are lower-case hex strings: they are map keys and are shown far more often than they are sent.

import { CodedError } from "./errors.ts";

declare const brand: unique symbol;
type Brand<T, Name extends string> = T & { readonly [brand]: Name };

/** The 20-byte info-hash of the wire and of announces: SHA-1 of a v1 info, or a v2 info-hash truncated (BEP 52). 40 hex. */
export type InfoHash = Brand<string, "InfoHash">;
/** The full SHA-256 info-hash of a v2 or hybrid torrent (BEP 52). 64 hex digits. */
export type InfoHashV2 = Brand<string, "InfoHashV2">;
/** A peer's self-chosen 20-byte id (BEP 3, 20). 40 hex digits. */
export type PeerId = Brand<string, "PeerId">;
/** A position in the piece space of one torrent, checked against its piece count. */
export type PieceIndex = Brand<number, "PieceIndex">;

export class IdError extends CodedError<"id.info-hash" | "id.peer-id"> {}

const hex40 = /^[0-9a-f]{40}$/;
const hex64 = /^[0-9a-f]{64}$/;

/** From 40 hex digits or 20 bytes. @throws IdError */
export function parseInfoHash(value: string | Uint8Array): InfoHash {
  const text = hex40Of(value);
  if (text === null) throw new IdError("id.info-hash", "An info-hash is 20 bytes (40 hex digits).");
  return text as InfoHash;
}

/** From 64 hex digits or 32 bytes. @throws IdError */
export function parseInfoHashV2(value: string | Uint8Array): InfoHashV2 {
  const text = typeof value === "string" ? value.toLowerCase() : hexOf(value);
  if (!hex64.test(text)) throw new IdError("id.info-hash", "A v2 info-hash is 32 bytes (64 hex digits).");
  return text as InfoHashV2;
}

/** From 40 hex digits or 20 bytes. @throws IdError */
export function parsePeerId(value: string | Uint8Array): PeerId {
  const text = hex40Of(value);
  if (text === null) throw new IdError("id.peer-id", "A peer id is 20 bytes.");
  return text as PeerId;
}

/** The form of a v2 info-hash that handshakes and announces carry (BEP 52). */
export function truncateInfoHash(infoHash: InfoHashV2): InfoHash {
  return infoHash.slice(0, 40) as InfoHash;
}

/** The bytes of a branded id. */
export function idBytes(id: InfoHash | InfoHashV2 | PeerId): Buffer {
  return Buffer.from(id, "hex");
}

/** Of 20 bytes nothing but their number can be wrong: a tracker does this 100,000 times a second. */
function hex40Of(value: string | Uint8Array): string | null {
  if (typeof value !== "string") return value.length === 20 ? hexOf(value) : null;
  const text = value.toLowerCase();
  return hex40.test(text) ? text : null;
}

function hexOf(bytes: Uint8Array): string {
  const buffer = Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return buffer.toString("hex");
}
