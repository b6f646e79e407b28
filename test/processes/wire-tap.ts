// A relay between two peers that sees every message (BEP 3) as it passes: what a test measures there is what was really
// sent, whatever either end says of itself.

import { createServer, connect } from "node:net";
import type { AddressInfo, Server, Socket } from "node:net";

export interface WireMessage {
  /** From whoever connected to the relay, or from the peer behind it. */
  readonly from: "client" | "server";
  readonly id: number;
  readonly payload: Buffer;
}

export const HAVE_ID = 4;
export const BITFIELD_ID = 5;
export const REQUEST_ID = 6;
export const PIECE_ID = 7;
const HANDSHAKE_BYTES = 68;

export class WireTap implements AsyncDisposable {
  /** Called before the message goes on. */
  onMessage: (message: WireMessage) => void = () => {};
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();

  private constructor(server: Server) {
    this.#server = server;
  }

  /** `peer`: HOST:PORT of who is behind it. */
  static async open(peer: string): Promise<WireTap> {
    const server = createServer();
    const tap = new WireTap(server);
    const [host = "", port = ""] = peer.split(":");
    server.on("connection", (client) => tap.#relay(client, connect(Number(port), host)));
    const { promise, resolve } = Promise.withResolvers<void>();
    server.listen(0, "127.0.0.1", resolve);
    await promise;
    return tap;
  }

  /** HOST:PORT */
  get listen(): string {
    return `127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#server.close(() => resolve());
    await promise;
  }

  #relay(client: Socket, server: Socket): void {
    for (const [from, to, name] of [
      [client, server, "client"],
      [server, client, "server"],
    ] as const) {
      const reader = new FrameReader((id, payload) => this.onMessage({ from: name, id, payload }));
      this.#sockets.add(from);
      from.setNoDelay(true);
      from.on("data", (bytes: Buffer) => {
        reader.read(bytes);
        if (!to.write(bytes)) from.pause();
      });
      to.on("drain", () => from.resume());
      from.on("error", () => {});
      from.on("close", () => {
        this.#sockets.delete(from);
        to.destroy();
      });
    }
  }
}

/** Handshake, then length-prefixed messages. */
class FrameReader {
  readonly #onMessage: (id: number, payload: Buffer) => void;
  #rest: Buffer = Buffer.alloc(0);
  #isPastHandshake = false;

  constructor(onMessage: (id: number, payload: Buffer) => void) {
    this.#onMessage = onMessage;
  }

  read(bytes: Buffer): void {
    let rest = this.#rest.length === 0 ? bytes : Buffer.concat([this.#rest, bytes]);
    if (!this.#isPastHandshake && rest.length >= HANDSHAKE_BYTES) {
      this.#isPastHandshake = true;
      rest = rest.subarray(HANDSHAKE_BYTES);
    }
    while (this.#isPastHandshake && rest.length >= 4 && rest.length >= 4 + rest.readUInt32BE(0)) {
      const length = rest.readUInt32BE(0);
      if (length > 0) this.#onMessage(rest.readUInt8(4), rest.subarray(5, 4 + length));
      rest = rest.subarray(4 + length);
    }
    this.#rest = Buffer.from(rest);
  }
}
