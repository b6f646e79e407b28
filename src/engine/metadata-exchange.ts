// The info dictionary from and for peers (ut_metadata, BEP 9). It is fetched whole from one peer at a time, so that a
// hash that does not fit names the liar; the bytes are checked against the info-hash before anything looks at them.

import { createHash } from "node:crypto";
import type { Clock, InfoHash, InfoHashV2 } from "../core/index.ts";
import {
  METADATA_PATIENCE_MS,
  METADATA_PIECE_BYTES,
  METADATA_REQUESTS_MAX,
  METADATA_SERVED_MAX,
  METADATA_TIMEOUT_MS,
} from "../core/index.ts";
import {
  encodeMetadataData,
  encodeMetadataReject,
  encodeMetadataRequest,
  metadataPieceLength,
  parseMetadataMessage,
} from "../wire/index.ts";
import type { MetadataMessage } from "../wire/index.ts";
import type { PeerSession } from "./peer-session.ts";

export interface MetadataExchangeDeps {
  readonly clock: Clock;
  readonly infoHashV1: InfoHash | null;
  readonly infoHashV2: InfoHashV2 | null;
  /** The info dictionary behind the peer's door, to be served. */
  readonly infoBytesFor: (session: PeerSession) => Buffer | null;
  readonly onInfo: (infoBytes: Buffer) => void;
  /** The peer sent bytes that are not the info dictionary. */
  readonly onLiar: (session: PeerSession) => void;
}

interface Fetch {
  readonly session: PeerSession;
  readonly bytes: Buffer;
  readonly startedAt: number;
  /** When the last piece came, or the first was asked for. */
  progressAt: number;
  readonly received: Set<number>;
  next: number;
}

export class MetadataExchange {
  readonly #deps: MetadataExchangeDeps;
  readonly #sources = new Set<PeerSession>();
  readonly #tried = new WeakMap<PeerSession, number>();
  readonly #served = new WeakMap<PeerSession, number>();
  #fetch: Fetch | null = null;
  #isDone: boolean;

  constructor(deps: MetadataExchangeDeps, isDone: boolean) {
    this.#deps = deps;
    this.#isDone = isDone;
  }

  /** The peer said that it has the metadata. */
  offer(session: PeerSession): void {
    if (this.#isDone || session.extensionIds.ut_metadata === undefined || session.metadataSize === null) return;
    this.#sources.add(session);
    this.#begin();
  }

  gone(session: PeerSession): void {
    this.#sources.delete(session);
    if (this.#fetch?.session === session) this.#giveUp();
  }

  tick(): void {
    const now = this.#deps.clock.now();
    const fetch = this.#fetch;
    if (fetch === null) this.#begin();
    else if (now - fetch.progressAt > METADATA_TIMEOUT_MS || this.#takesTooLong(fetch, now)) this.#giveUp();
  }

  received(session: PeerSession, payload: Buffer): void {
    const message = parseMetadataMessage(payload);
    if (message === null) return;
    if (message.type === "request") this.#serve(session, message.piece);
    else if (this.#fetch?.session === session) this.#take(this.#fetch, message);
  }

  #begin(): void {
    if (this.#isDone || this.#fetch !== null) return;
    const session = this.#leastTried();
    if (session === null || session.metadataSize === null) return;
    this.#tried.set(session, this.#triesOf(session) + 1);
    const now = this.#deps.clock.now();
    this.#fetch = {
      session,
      bytes: Buffer.alloc(session.metadataSize),
      startedAt: now,
      progressAt: now,
      received: new Set(),
      next: 0,
    };
    this.#request(this.#fetch);
  }

  #triesOf(session: PeerSession): number {
    return this.#tried.get(session) ?? 0;
  }

  #leastTried(): PeerSession | null {
    return [...this.#sources].sort((a, b) => this.#triesOf(a) - this.#triesOf(b))[0] ?? null;
  }

  #takesTooLong({ session, startedAt }: Fetch, now: number): boolean {
    const tries = this.#triesOf(session);
    const other = this.#leastTried();
    if (other === null || this.#triesOf(other) >= tries) return false;
    return now - startedAt > METADATA_PATIENCE_MS * 2 ** (tries - 1);
  }

  /** A few pieces are asked for at a time: their order is the order of the answers. */
  #request(fetch: Fetch): void {
    const id = fetch.session.extensionIds.ut_metadata;
    const count = pieceCountOf(fetch);
    while (id !== undefined && fetch.next < count && fetch.next < fetch.received.size + METADATA_REQUESTS_MAX) {
      fetch.session.connection.send(encodeMetadataRequest(id, fetch.next++));
    }
  }

  #take(fetch: Fetch, message: Exclude<MetadataMessage, { type: "request" }>): void {
    const { session, bytes } = fetch;
    const expected = metadataPieceLength(message.piece, bytes.length);
    if (message.type === "reject" || message.totalBytes !== bytes.length || message.data.length !== expected) {
      this.#sources.delete(session);
      this.#giveUp();
      return;
    }
    // Sent again and again it would count as progress for ever.
    if (fetch.received.has(message.piece)) return;
    message.data.copy(bytes, message.piece * METADATA_PIECE_BYTES);
    fetch.received.add(message.piece);
    fetch.progressAt = this.#deps.clock.now();
    if (fetch.received.size < pieceCountOf(fetch)) {
      this.#request(fetch);
      return;
    }
    this.#fetch = null;
    if (this.#isInfo(bytes)) {
      this.#isDone = true;
      this.#sources.clear();
      this.#deps.onInfo(bytes);
    } else {
      this.#sources.delete(session);
      this.#deps.onLiar(session);
      this.#begin();
    }
  }

  #isInfo(bytes: Buffer): boolean {
    const { infoHashV1, infoHashV2 } = this.#deps;
    const v1 = infoHashV1 === null || createHash("sha1").update(bytes).digest("hex") === infoHashV1;
    const v2 = infoHashV2 === null || createHash("sha256").update(bytes).digest("hex") === infoHashV2;
    return v1 && v2;
  }

  #giveUp(): void {
    this.#fetch = null;
    this.#begin();
  }

  #serve(session: PeerSession, piece: number): void {
    const id = session.extensionIds.ut_metadata;
    if (id === undefined) return;
    const info = this.#deps.infoBytesFor(session);
    const served = (this.#served.get(session) ?? 0) + 1;
    this.#served.set(session, served);
    const begin = piece * METADATA_PIECE_BYTES;
    if (info === null || begin >= info.length || served > METADATA_SERVED_MAX) {
      session.connection.send(encodeMetadataReject(id, piece));
      return;
    }
    const data = info.subarray(begin, begin + METADATA_PIECE_BYTES);
    session.connection.send(encodeMetadataData(id, piece, info.length, data));
  }
}

function pieceCountOf(fetch: Fetch): number {
  return Math.ceil(fetch.bytes.length / METADATA_PIECE_BYTES);
}
