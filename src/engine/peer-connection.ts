// A connection to one peer: TCP, the handshake, the order of what is written, and signs of life. What the messages mean
// is the session's affair (peer-session.ts). Invariant: after `close` nothing more is delivered or written, and `ended`
// is called exactly once.

import type { Endpoint, InfoHash, PeerId } from "../core/index.ts";
import {
  CHATTER_PER_SECOND_MAX,
  CodedError,
  CONNECTION_BACKLOG_MAX_BYTES,
  HANDSHAKE_TIMEOUT_MS,
  KEEP_ALIVE_MS,
  messageOf,
  PEER_SILENCE_MAX_MS,
  RATE_RECHECK_MS,
  networkOf,
} from "../core/index.ts";
import { RateLimiter } from "../net/index.ts";
import type { TcpConnection, TcpHandler } from "../net/index.ts";
import type { PieceBuffer } from "../storage/index.ts";
import {
  encodeHandshake,
  encodeKeepAlive,
  HandshakeParser,
  REQUEST_BYTES,
  WireReader,
  writeRequest,
} from "../wire/index.ts";
import type { HandshakeFlags } from "../wire/index.ts";
import { Outbox } from "./outbox.ts";
import type { ConnectionOwner, PeerConnectionDeps, PeerMessages } from "./peer-connection-deps.ts";

const OUR_FLAGS = { extension: true, fast: true } as const;

export class PeerConnection implements TcpHandler {
  readonly remote: Endpoint;
  readonly isInbound: boolean;
  readonly network: string;
  /** The door that the peer came in by, once known. */
  infoHash: InfoHash | null;
  remotePeerId: PeerId | null = null;
  remoteFlags: HandshakeFlags | null = null;
  /** Where the peer listens, which is not where an inbound connection comes from (BEP 10, `p`). */
  listenEndpoint: Endpoint | null;
  readonly openedAt: number;
  /** When payload last went over it, or when it began: who is of no use gives way first. */
  usedAt: number;
  /** From our handshake to what the peer said next, or from asking it to connect until it was, if that was shorter; 0 before. */
  roundTripMs = 0;
  #greetedAt: number | null = null;
  /** When the last read began, or we were last not ready to read. */
  receivedAt: number;

  readonly #deps: PeerConnectionDeps;
  readonly #handshake = new HandshakeParser();
  readonly #outbox = new Outbox();
  /** In messages instead of bytes. */
  readonly #chatter = new RateLimiter(CHATTER_PER_SECOND_MAX);
  readonly #handshakeTimer: NodeJS.Timeout;
  #tcp: TcpConnection | null = null;
  #owner: ConnectionOwner | null;
  #messages: PeerMessages | null = null;
  #reader: WireReader | null = null;
  #lastSentAt: number;
  #isEnded = false;
  #resumeTimer: NodeJS.Timeout | undefined;
  #isFlushScheduled = false;
  #offersV2 = false;

  /** `owner` and `infoHash` are given for an outbound connection. */
  constructor(
    deps: PeerConnectionDeps,
    remote: Endpoint,
    outbound: { owner: ConnectionOwner; infoHash: InfoHash; offersV2: boolean } | null,
  ) {
    this.#deps = deps;
    this.remote = remote;
    this.isInbound = outbound === null;
    this.network = networkOf(remote.address);
    this.listenEndpoint = outbound === null ? null : remote;
    this.#owner = outbound?.owner ?? null;
    this.infoHash = outbound?.infoHash ?? null;
    this.#offersV2 = outbound?.offersV2 ?? false;
    this.openedAt = this.usedAt = this.receivedAt = this.#lastSentAt = deps.clock.now();
    this.#handshakeTimer = setTimeout(() => this.close("The handshake took too long."), HANDSHAKE_TIMEOUT_MS);
  }

  get isOpen(): boolean {
    return this.#messages !== null && !this.#isEnded;
  }

  /** This machine's address on this connection. */
  get localAddress(): string | undefined {
    return this.#tcp?.localAddress;
  }

  get reader(): WireReader | null {
    return this.#reader;
  }

  /** Bytes that wait in the process to be sent. */
  get queuedBytes(): number {
    return this.#outbox.bytes + (this.#tcp?.queuedBytes ?? 0);
  }

  /** How long the peer has said nothing while we listened. */
  silentMs(now: number): number {
    return now - this.receivedAt;
  }

  /** The outbound TCP connection, which is being made: closing works from here on. */
  attach(tcp: TcpConnection): void {
    this.#tcp = tcp;
  }

  connected(tcp: TcpConnection): void {
    this.#tcp = tcp;
    if (!this.isInbound) this.roundTripMs = this.#deps.clock.now() - this.openedAt;
    if (!this.isInbound && this.infoHash !== null) this.#sendHandshake(this.infoHash, this.#offersV2);
  }

  received(buffer: Buffer, lengthBytes: number): void {
    if (this.#isEnded) return;
    const now = this.#deps.clock.now();
    this.receivedAt = now;
    // The rest of a handshake that came in two parts answers nothing of ours.
    if (!this.isInbound || this.#messages !== null) this.#answered(now);
    try {
      const at = this.#messages === null ? this.#readHandshake(buffer, lengthBytes) : 0;
      if (this.#reader !== null && at < lengthBytes && !this.#isEnded) this.#reader.read(buffer, lengthBytes, at);
    } catch (error) {
      // Hostile or broken input ends the connection and nothing else; anything else that is thrown is a bug of ours.
      if (!(error instanceof CodedError)) throw error;
      this.close(messageOf(error));
      return;
    }
    if (this.#isEnded) return;
    this.#limit(lengthBytes, now);
    this.#messages?.batchEnd();
    this.flush();
  }

  drained(): void {
    if (!this.#isEnded) this.#messages?.drained();
  }

  closed(error: Error | null): void {
    this.#end(error === null ? "The peer closed the connection." : error.message);
  }

  /** A message whose bytes are copied. It leaves with the next flush, which is scheduled. */
  send(message: Uint8Array): void {
    if (this.#isEnded) return;
    if (this.queuedBytes > CONNECTION_BACKLOG_MAX_BYTES) {
      setImmediate(() => this.close("The peer does not read what it asks for."));
      return;
    }
    this.#outbox.push(message);
    this.#scheduleFlush();
  }

  /** As `send`, but it waits for the next flush, whoever asks for it. */
  sendSoon(message: Uint8Array): void {
    if (!this.#isEnded) this.#outbox.push(message);
  }

  sendRequest(piece: number, begin: number, lengthBytes: number): void {
    if (this.#isEnded) return;
    const { target, offset } = this.#outbox.reserve(REQUEST_BYTES);
    writeRequest(target, offset, piece, begin, lengthBytes);
    this.#scheduleFlush();
  }

  /** `lengthBytes` of a piece in memory, in blocks; the caller flushes. */
  queueRun(buffer: PieceBuffer, piece: number, begin: number, lengthBytes: number, now: number): void {
    if (this.#isEnded) return;
    this.usedAt = now;
    this.#outbox.pushRun(buffer, piece, begin, lengthBytes);
  }

  flush(): void {
    if (this.#tcp === null || this.#isEnded || this.#outbox.bytes === 0) return;
    this.#lastSentAt = this.#deps.clock.now();
    this.#outbox.flush(this.#tcp, this.#flushed);
  }

  tick(now: number): void {
    if (this.silentMs(now) > PEER_SILENCE_MAX_MS) this.close("The peer has been silent for too long.");
    else this.keepAlive(now, KEEP_ALIVE_MS);
  }

  /** Speaks up where nothing was said for longer. */
  keepAlive(now: number, afterMs: number): void {
    if (this.isOpen && now - this.#lastSentAt > afterMs) this.send(encodeKeepAlive());
  }

  close(reason: string): void {
    this.#tcp?.close();
    this.#end(reason);
  }

  readonly #flushed = (): void => this.drained();

  #readHandshake(buffer: Buffer, lengthBytes: number): number {
    const parser = this.#handshake;
    const at = parser.read(buffer, lengthBytes);
    if (parser.infoHash !== null && parser.flags !== null && this.remoteFlags === null) {
      this.remoteFlags = parser.flags;
      if (this.isInbound) {
        this.infoHash = parser.infoHash;
        this.#owner = this.#deps.identify(this, parser.infoHash);
        if (this.#owner === null) return this.#refuse("The peer asks for a torrent that is not here.", lengthBytes);
        this.infoHash = this.#owner.answerTo(parser.infoHash, parser.flags.v2);
        this.#sendHandshake(this.infoHash, false);
      }
    }
    if (parser.peerId === null || parser.infoHash === null) return lengthBytes;
    clearTimeout(this.#handshakeTimer);
    // The answer may name another door of the same torrent (BEP 52, "Upgrade path"); the owner checks that.
    if (!this.isInbound) this.infoHash = parser.infoHash;
    this.remotePeerId = parser.peerId;
    const messages = this.#owner?.opened(this) ?? null;
    if (messages === null) return this.#refuse("The connection is not wanted.", lengthBytes);
    this.#reader = new WireReader(messages, {
      fast: this.remoteFlags?.fast ?? false,
      extension: this.remoteFlags?.extension ?? false,
    });
    if (messages.pieceCount !== null) this.#reader.setPieceCount(messages.pieceCount);
    this.#messages = messages;
    this.#deps.opened(this);
    return at;
  }

  #refuse(reason: string, lengthBytes: number): number {
    this.close(reason);
    return lengthBytes;
  }

  #answered(now: number): void {
    if (this.#greetedAt === null) return;
    const answerMs = now - this.#greetedAt;
    this.#greetedAt = null;
    this.roundTripMs = this.roundTripMs > 0 ? Math.min(this.roundTripMs, answerMs) : answerMs;
  }

  #sendHandshake(infoHash: InfoHash, v2: boolean): void {
    this.#greetedAt = this.#deps.clock.now();
    this.#tcp?.write(encodeHandshake({ flags: { ...OUR_FLAGS, v2 }, infoHash, peerId: this.#deps.peerId }));
  }

  /** Charges what came in and, beyond the limits, stops reading until it is paid for: TCP holds the sender back. */
  #limit(lengthBytes: number, now: number): void {
    const limits = this.#owner?.downloadLimits;
    if (limits?.isLimited === true) limits.charge(lengthBytes, now);
    this.#chatter.charge(this.#reader?.takeChatterCount() ?? 0, now);
    if (this.#waitMs(now) === 0 || this.#resumeTimer !== undefined) return;
    this.#tcp?.pause();
    this.#resumeWhenPaid(now);
  }

  #waitMs(now: number): number {
    return Math.max(this.#chatter.waitMs(1, now), this.#owner?.downloadLimits.waitMs(1, now) ?? 0);
  }

  /** One connection after the other comes back: each is charged before the next one looks. Nobody is silent meanwhile. */
  #resumeWhenPaid(now: number): void {
    const waitMs = Math.min(this.#waitMs(now), RATE_RECHECK_MS);
    this.#resumeTimer = setTimeout(() => {
      this.#resumeTimer = undefined;
      const later = (this.receivedAt = this.#deps.clock.now());
      if (this.#waitMs(later) > 0) this.#resumeWhenPaid(later);
      else this.#tcp?.resume();
    }, waitMs);
  }

  #scheduleFlush(): void {
    if (this.#isFlushScheduled) return;
    this.#isFlushScheduled = true;
    setImmediate(() => {
      this.#isFlushScheduled = false;
      this.flush();
    });
  }

  #end(reason: string): void {
    if (this.#isEnded) return;
    this.#isEnded = true;
    clearTimeout(this.#handshakeTimer);
    clearTimeout(this.#resumeTimer);
    this.#reader?.stop();
    this.#outbox.discard();
    this.#deps.ended(this);
    this.#owner?.ended(this, reason);
  }
}
