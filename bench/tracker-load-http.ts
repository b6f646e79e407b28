// HTTP announces and scrapes over connections that stay open, or over a new connection for each request, which is what
// most clients do: they come back in half an hour. One request is under way on each; nobody pipelines.

import { connect } from "node:net";
import type { Socket } from "node:net";
import { SOURCES, sourceAddress } from "./tracker-crowd.ts";
import type { AnnouncerCrowd } from "./tracker-crowd.ts";
import type { Tally } from "./tracker-load.ts";

const CONNECTIONS = 64;

export interface HttpLoadOptions {
  readonly port: number;
  readonly keepAlive: boolean;
  readonly action: "announce" | "scrape";
}

/** Known peers ask until the tally's end. */
export async function loadHttp(crowd: AnnouncerCrowd, tally: Tally, options: HttpLoadOptions): Promise<void> {
  await Promise.all(
    Array.from({ length: Math.min(CONNECTIONS, SOURCES, crowd.peers) }, (_, source) => {
      const client = new HttpClient(crowd, tally, options, source);
      return client.done;
    }),
  );
}

class HttpClient {
  readonly done: Promise<void>;
  readonly #crowd: AnnouncerCrowd;
  readonly #tally: Tally;
  readonly #options: HttpLoadOptions;
  readonly #source: number;
  readonly #end: PromiseWithResolvers<void> = Promise.withResolvers();
  /** What has come of the reply under way, and how long it will be; 0 where its head is not there yet. */
  #received = 0;
  #expected = 0;

  constructor(crowd: AnnouncerCrowd, tally: Tally, options: HttpLoadOptions, source: number) {
    this.#crowd = crowd;
    this.#tally = tally;
    this.#options = options;
    this.#source = source;
    this.done = this.#end.promise;
    this.#connect();
  }

  #connect(): void {
    const socket = connect({
      host: "127.0.0.1",
      port: this.#options.port,
      localAddress: sourceAddress(this.#source),
      noDelay: true,
      onread: {
        buffer: Buffer.alloc(16_384),
        callback: (count, buffer) => {
          this.#take(socket, (buffer as Buffer).subarray(0, count));
          return true;
        },
      },
    });
    socket.once("connect", () => this.#ask(socket));
    socket.once("error", (error) => this.#end.reject(error));
    socket.once("close", () => {
      if (this.#options.keepAlive || this.#tally.isOver) this.#end.resolve();
      else this.#connect();
    });
  }

  #ask(socket: Socket): void {
    const { keepAlive, action } = this.#options;
    const peer = this.#crowd.randomPeer(this.#source);
    const path = action === "announce" ? this.#crowd.httpAnnouncePath(peer) : this.#crowd.httpScrapePath(peer);
    const connection = keepAlive ? "keep-alive" : "close";
    this.#received = 0;
    this.#expected = 0;
    socket.write(
      `GET ${path} HTTP/1.1\r\nHost: 127.0.0.1:${this.#options.port}\r\nUser-Agent: load/1.0\r\n` +
        `Accept-Encoding: gzip\r\nConnection: ${connection}\r\n\r\n`,
      "latin1",
    );
  }

  #take(socket: Socket, bytes: Buffer): void {
    if (this.#expected === 0) this.#expected = replyLength(bytes);
    this.#received += bytes.length;
    if (this.#received < this.#expected) return;
    this.#tally.count(this.#received);
    if (!this.#options.keepAlive) socket.end();
    else if (this.#tally.isOver) socket.destroy();
    else this.#ask(socket);
  }
}

/** From a reply's first packet, which holds its head with all three trackers. */
function replyLength(bytes: Buffer): number {
  const head = bytes.toString("latin1", 0, Math.min(bytes.length, 1024));
  const length = /\r\ncontent-length: *(\d+)/i.exec(head)?.[1];
  const end = head.indexOf("\r\n\r\n");
  if (length === undefined || end === -1 || !head.includes("5:") || head.includes("failure")) {
    throw new Error(`No announce reply: ${head}`);
  }
  return end + 4 + Number(length);
}
