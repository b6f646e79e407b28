// A whole HTTP reply of status 200 as a string, one byte a character: what leaves in one write. It has the fields that
// Node's server gives to the replies that leave through it, so that nobody can tell which of the two answered.

import type { Clock } from "../core/index.ts";

const fixed =
  "HTTP/1.1 200 OK\r\nContent-Type: text/plain; charset=utf-8\r\nCache-Control: no-store\r\n" +
  "X-Content-Type-Options: nosniff\r\nContent-Length: ";

export class PlainReplies {
  readonly #clock: Clock;
  readonly #keepAlive: string;
  /** The date is made once a second. */
  #second = Number.NaN;
  #date = "";

  constructor(clock: Clock, keepAliveMs: number) {
    this.#clock = clock;
    this.#keepAlive = `keep-alive\r\nKeep-Alive: timeout=${Math.floor(keepAliveMs / 1000)}`;
  }

  /** `isLast`: the connection ends after it. */
  reply(body: string, isLast: boolean): string {
    const second = Math.floor(this.#clock.wallMs() / 1000);
    if (second !== this.#second) {
      this.#second = second;
      this.#date = new Date(second * 1000).toUTCString();
    }
    const connection = isLast ? "close" : this.#keepAlive;
    return `${fixed}${body.length}\r\nDate: ${this.#date}\r\nConnection: ${connection}\r\n\r\n${body}`;
  }
}
