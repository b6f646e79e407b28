// Connections that say nothing, or one byte of a head every few seconds (slowloris): what they keep from others is measured.
// From as many addresses of loopback as there are hundreds of them, and again whenever the server has cut one.

import { once } from "node:events";
import { connect } from "node:net";
import type { Socket } from "node:net";

const PER_ADDRESS = 100;
const TRICKLE_MS = 5000;
/** Opened at once: a listener's queue is not endless. */
const AT_ONCE = 200;

export class IdleConnections implements AsyncDisposable {
  readonly #port: number;
  readonly #sockets: (Socket | null)[] = [];
  #timer: NodeJS.Timeout | undefined;
  /** Cut by the server and opened again. */
  reopened = 0;

  constructor(port: number) {
    this.#port = port;
  }

  get openCount(): number {
    return this.#sockets.filter((socket) => socket !== null && !socket.destroyed).length;
  }

  async open(count: number): Promise<void> {
    for (let first = 0; first < count; first += AT_ONCE) {
      const some = Array.from({ length: Math.min(AT_ONCE, count - first) }, (_, index) => first + index);
      await Promise.all(some.map(async (index) => await once(this.#connect(index), "connect")));
    }
    this.#timer = setInterval(() => this.#trickle(), TRICKLE_MS);
  }

  [Symbol.asyncDispose](): Promise<void> {
    clearInterval(this.#timer);
    for (const [index, socket] of this.#sockets.entries()) {
      this.#sockets[index] = null;
      socket?.destroy();
    }
    return Promise.resolve();
  }

  #connect(index: number): Socket {
    const number = 2 + Math.floor(index / PER_ADDRESS);
    const localAddress = `127.0.${number >> 8}.${number & 255}`;
    const socket = connect({ port: this.#port, host: "127.0.0.1", localAddress });
    this.#sockets[index] = socket;
    socket.on("error", () => {});
    socket.once("close", () => {
      if (this.#sockets[index] !== socket) return;
      this.reopened++;
      this.#connect(index);
    });
    if (index % 2 === 0) socket.write("GET / HTTP/1.1\r\nX-Slow: ");
    return socket;
  }

  #trickle(): void {
    for (const [index, socket] of this.#sockets.entries()) if (index % 2 === 0) socket?.write("x");
  }
}
