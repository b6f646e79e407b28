// A peer made of the wire codec alone, honest or not, for the tests of this folder. It has no tests; its name keeps it
// out of the build.

import { once } from "node:events";
import { connect, createServer } from "node:net";
import type { AddressInfo, Socket } from "node:net";
import type { TestContext } from "node:test";
import type { Endpoint, InfoHash } from "../core/index.ts";
import { parsePeerId } from "../core/index.ts";
import {
  encodeBare,
  encodeBitfield,
  encodeExtensionHandshake,
  encodeHandshake,
  HandshakeParser,
  PIECE_HEADER_BYTES,
  WireReader,
  writePieceHeader,
} from "../wire/index.ts";
import type { HashRequest, WireHandler } from "../wire/index.ts";

export interface WirePeerOptions {
  readonly infoHash: InfoHash;
  /** Null: everything; else those. */
  readonly pieces?: readonly number[] | null;
  readonly pieceCount?: number;
  /** The bytes to answer a request with; null for no answer. */
  readonly answer?: (piece: number, begin: number, lengthBytes: number) => Buffer | null;
  /** Sends these bytes instead of what has been said so far, right after the handshake. */
  readonly sayFirst?: Buffer;
  readonly metadataSize?: number;
  readonly onHashRequest?: (peer: WirePeer, request: HashRequest) => void;
  readonly onExtended?: (peer: WirePeer, id: number, payload: Buffer) => void;
  readonly peerId?: string;
}

let count = 0;

export class WirePeer implements WireHandler {
  readonly closed: Promise<void>;
  readonly requests: { piece: number; begin: number; lengthBytes: number }[] = [];
  readonly haves: number[] = [];
  readonly received: { piece: number; begin: number; bytes: Buffer }[] = [];
  /** What was said to us, by name. */
  readonly heard: string[] = [];
  isUnchoked = false;
  pieceTarget: Buffer = Buffer.alloc(16_384);
  pieceTargetOffset = 0;
  readonly socket: Socket;
  readonly #options: WirePeerOptions;
  readonly #handshake = new HandshakeParser();
  #reader: WireReader | null = null;
  #waiting: (() => void)[] = [];

  constructor(socket: Socket, options: WirePeerOptions) {
    this.socket = socket;
    this.#options = options;
    this.closed = new Promise((resolve) => socket.once("close", () => resolve()));
    socket.on("error", () => {});
    socket.on("data", (bytes: Buffer) => this.#received(bytes));
    const peerId = parsePeerId(
      Buffer.from((options.peerId ?? `-XX0000-${String(++count).padStart(12, "0")}`).slice(0, 20)),
    );
    const flags = { extension: true, fast: true, v2: false };
    socket.write(encodeHandshake({ infoHash: options.infoHash, peerId, flags }));
  }

  send(...messages: Buffer[]): void {
    this.socket.write(Buffer.concat(messages));
  }

  sendBlock(piece: number, begin: number, block: Buffer): void {
    const header = Buffer.alloc(PIECE_HEADER_BYTES);
    writePieceHeader(header, 0, piece, begin, block.length);
    this.send(header, block);
  }

  /** Waits until `condition` holds; it is looked at after each read. */
  async until(condition: () => boolean): Promise<void> {
    while (!condition()) {
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
  }

  #received(bytes: Buffer): void {
    let at = 0;
    if (this.#reader === null) {
      at = this.#handshake.read(bytes, bytes.length);
      if (this.#handshake.peerId !== null) this.#opened();
    }
    this.#reader?.read(bytes, bytes.length, at);
    for (const wake of this.#waiting.splice(0)) wake();
  }

  #opened(): void {
    const { pieces = null, pieceCount = 0, sayFirst, metadataSize } = this.#options;
    this.#reader = new WireReader(this, { fast: true, extension: true });
    if (sayFirst !== undefined) {
      this.socket.write(sayFirst);
      return;
    }
    if (pieces === null) this.send(encodeBare("haveAll"));
    else if (pieces.length === 0) this.send(encodeBare("haveNone"));
    else this.send(encodeBitfield(bitfield(pieces, pieceCount)));
    const extensions = ["ut_metadata", "lt_donthave"] as const;
    this.send(encodeExtensionHandshake({ extensions, metadataSize: metadataSize ?? null }), encodeBare("unchoke"));
  }

  keepAlive(): void {}
  choke(): void {
    this.isUnchoked = false;
  }
  unchoke(): void {
    this.isUnchoked = true;
  }
  interested(): void {
    this.heard.push("interested");
  }
  notInterested(): void {}
  have(index: number): void {
    this.haves.push(index);
  }
  bitfield(): void {
    this.heard.push("bitfield");
  }
  request(piece: number, begin: number, lengthBytes: number): void {
    this.requests.push({ piece, begin, lengthBytes });
    const block = this.#options.answer?.(piece, begin, lengthBytes) ?? null;
    if (block !== null) this.sendBlock(piece, begin, block);
  }
  cancel(): void {}
  reject(index: number): void {
    this.heard.push(`reject ${index}`);
  }
  suggest(): void {}
  haveAll(): void {
    this.heard.push("haveAll");
  }
  haveNone(): void {
    this.heard.push("haveNone");
  }
  allowedFast(): void {}
  dhtPort(): void {}
  pieceStart(): boolean {
    return true;
  }
  pieceEnd(piece: number, begin: number, lengthBytes: number): void {
    this.received.push({ piece, begin, bytes: Buffer.from(this.pieceTarget.subarray(0, lengthBytes)) });
  }
  hashRequest(request: HashRequest): void {
    this.heard.push("hashRequest");
    this.#options.onHashRequest?.(this, request);
  }
  hashes(): void {}
  hashReject(): void {
    this.heard.push("hashReject");
  }
  extended(id: number, payload: Buffer): void {
    this.#options.onExtended?.(this, id, payload);
  }
}

function bitfield(pieces: readonly number[], pieceCount: number): Buffer {
  const bytes = Buffer.alloc(Math.ceil(pieceCount / 8));
  for (const piece of pieces) bytes[piece >> 3] = (bytes[piece >> 3] ?? 0) | (0x80 >> (piece & 7));
  return bytes;
}

/** Connects to a session. */
export async function dial(t: TestContext, endpoint: Endpoint, options: WirePeerOptions): Promise<WirePeer> {
  const socket = connect({ host: endpoint.address, port: endpoint.port });
  t.after(() => void socket.destroy());
  await once(socket, "connect");
  return new WirePeer(socket, options);
}

/** Listens, for a session to connect to. */
export async function listen(
  t: TestContext,
  options: WirePeerOptions,
): Promise<{ endpoint: Endpoint; peers: WirePeer[] }> {
  const peers: WirePeer[] = [];
  const server = createServer((socket) => peers.push(new WirePeer(socket, options)));
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  t.after(() => {
    server.close();
    for (const { socket } of peers) socket.destroy();
  });
  return { endpoint: { address: "127.0.0.1", port: (server.address() as AddressInfo).port }, peers };
}
