// A whole HTTP reply of status 200 as a string, one byte a character: what leaves in one write. It has the fields that
// Node's server gives to the replies that leave through it, in the same order.

import type { Clock } from "../core/index.ts";

const begin = "HTTP/1.1 200 OK\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Length: ";
const middle = "\r\nCache-Control: no-store\r\nX-Content-Type-Options: nosniff\r\nDate: ";

export class PlainReplies {
  readonly #clock: Clock;
  readonly #keepAlive: string;
  /** The date is made once a second. */
  #second = Number.NaN;
  #date = "";

  /** `keepAliveMs`: how long a connection is kept, which the client is told; 0 is for good. */
  constructor(clock: Clock, keepAliveMs: number) {
    this.#clock = clock;
    const hint = keepAliveMs === 0 ? "" : `\r\nKeep-Alive: timeout=${Math.floor(keepAliveMs / 1000)}`;
    this.#keepAlive = `keep-alive${hint}`;
  }

  /** `isLast`: the connection ends after it. */
  reply(body: string, isLast: boolean): string {
    const second = Math.floor(this.#clock.wallMs() / 1000);
    if (second !== this.#second) {
      this.#second = second;
      this.#date = new Date(second * 1000).toUTCString();
    }
    const connection = isLast ? "close" : this.#keepAlive;
    return `${begin}${body.length}${middle}${this.#date}\r\nConnection: ${connection}\r\n\r\n${body}`;
  }
}
