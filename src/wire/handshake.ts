// The first 68 bytes of a connection (BEP 3), and the extensions that both sides announce in them (BEP 6, 10, 52, 5).
//
//   0       1                     20        28          48        68
//   | 19    | BitTorrent protocol | reserved | info-hash | peer id |
//
// Invariant: a stream that is no handshake is refused at its first wrong byte, so that a scanner or an HTTP client
// costs nothing. The info-hash is given out after 48 bytes: an acceptor has to answer before some dialers send the
// rest. Whether the info-hash is one of ours is for the caller.

import { idBytes, parseInfoHash, parsePeerId } from "../core/index.ts";
import type { InfoHash, PeerId } from "../core/index.ts";
import { WireError } from "./wire-error.ts";

export const HANDSHAKE_BYTES = 68;
const RESERVED_AT = 20;
const INFO_HASH_AT = 28;
const PEER_ID_AT = 48;
const PROTOCOL: Buffer = Buffer.from("\u0013BitTorrent protocol", "latin1");

export interface HandshakeFlags {
  /** Extension protocol, BEP 10. */
  readonly extension: boolean;
  /** Fast extension, BEP 6. */
  readonly fast: boolean;
  /**
   * Speaks v2; beside a v1 info-hash: can upgrade a hybrid torrent (BEP 52). Its absence proves nothing: libtorrent
   * 2.0.8 asks for hashes of v2 torrents without setting it.
   */
  readonly v2: boolean;
  /** BEP 5. */
  readonly dht: boolean;
}

export interface Handshake {
  readonly flags: HandshakeFlags;
  readonly infoHash: InfoHash;
  readonly peerId: PeerId;
}

/** 68 bytes. Flags that are left out are not announced. */
export function encodeHandshake(handshake: {
  readonly flags: Partial<HandshakeFlags>;
  readonly infoHash: InfoHash;
  readonly peerId: PeerId;
}): Buffer {
  const { flags, infoHash, peerId } = handshake;
  const bytes = Buffer.alloc(HANDSHAKE_BYTES);
  bytes.set(PROTOCOL, 0);
  bytes[RESERVED_AT + 5] = flags.extension === true ? 0x10 : 0;
  bytes[RESERVED_AT + 7] =
    (flags.dht === true ? 0x01 : 0) | (flags.fast === true ? 0x04 : 0) | (flags.v2 === true ? 0x10 : 0);
  bytes.set(idBytes(infoHash), INFO_HASH_AT);
  bytes.set(idBytes(peerId), PEER_ID_AT);
  return bytes;
}

/** A whole handshake at the beginning of `bytes`. @throws WireError `wire.handshake`, also where it is cut off */
export function parseHandshake(bytes: Uint8Array): Handshake {
  const parser = new HandshakeParser();
  parser.read(bytes, bytes.length);
  const { flags, infoHash, peerId } = parser;
  if (flags === null || infoHash === null || peerId === null) {
    throw new WireError("wire.handshake", `A handshake has ${HANDSHAKE_BYTES} bytes, not ${bytes.length}.`);
  }
  return { flags, infoHash, peerId };
}

/** Takes a handshake in any pieces. Its fields turn from null to values as the bytes for them have come. */
export class HandshakeParser {
  /** After 48 bytes. */
  flags: HandshakeFlags | null = null;
  /** After 48 bytes. */
  infoHash: InfoHash | null = null;
  /** After 68 bytes: the handshake is complete. */
  peerId: PeerId | null = null;

  readonly #bytes: Buffer = Buffer.alloc(HANDSHAKE_BYTES);
  #held = 0;

  /**
   * Takes bytes [start, end) of `buffer`, which are not kept, and returns the position after those that it used: from
   * there on the bytes are messages. @throws WireError `wire.handshake`
   */
  read(buffer: Uint8Array, end: number, start = 0): number {
    let at = start;
    while (at < end && this.#held < HANDSHAKE_BYTES) {
      const byte = buffer[at] ?? 0;
      if (this.#held < PROTOCOL.length && byte !== PROTOCOL[this.#held]) {
        throw new WireError("wire.handshake", `Byte ${this.#held} is not that of a BitTorrent handshake.`);
      }
      this.#bytes[this.#held] = byte;
      this.#held += 1;
      at += 1;
    }
    if (this.#held >= PEER_ID_AT && this.infoHash === null) this.#readInfoHash();
    if (this.#held === HANDSHAKE_BYTES && this.peerId === null) {
      this.peerId = parsePeerId(this.#bytes.subarray(PEER_ID_AT));
    }
    return at;
  }

  #readInfoHash(): void {
    const last = this.#bytes[RESERVED_AT + 7] ?? 0;
    this.flags = {
      extension: ((this.#bytes[RESERVED_AT + 5] ?? 0) & 0x10) !== 0,
      fast: (last & 0x04) !== 0,
      v2: (last & 0x10) !== 0,
      dht: (last & 0x01) !== 0,
    };
    this.infoHash = parseInfoHash(this.#bytes.subarray(INFO_HASH_AT, PEER_ID_AT));
  }
}
