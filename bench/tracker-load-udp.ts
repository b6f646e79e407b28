// UDP announces and scrapes as fast as a tracker answers: a socket for each source address, which take turns. As many
// requests are under way as a tracker's socket with the kernel's default buffer holds, so that none is lost.

import { createSocket } from "node:dgram";
import type { Socket } from "node:dgram";
import { once } from "node:events";
import { parseUdpReply, writeUdpConnectRequest } from "../src/announce/index.ts";
import { SOURCES, sourceAddress } from "./tracker-crowd.ts";
import type { AnnouncerCrowd } from "./tracker-crowd.ts";
import type { Tally } from "./tracker-load.ts";

/** A short datagram takes about 1 KiB of a receive buffer, whose default is 208 KiB. */
const UNDER_WAY = 96;
/** Without an answer for so long a request was lost, or the tracker refuses us by silence: the bench is wrong then. */
const SILENCE_MS = 5000;

interface Source {
  readonly number: number;
  readonly socket: Socket;
  readonly announce: Buffer;
  readonly scrape: Buffer;
}

export class UdpLoad implements Disposable {
  readonly #crowd: AnnouncerCrowd;
  readonly #sources: readonly Source[];

  private constructor(crowd: AnnouncerCrowd, sources: readonly Source[]) {
    this.#crowd = crowd;
    this.#sources = sources;
  }

  static async connect(port: number, crowd: AnnouncerCrowd): Promise<UdpLoad> {
    const sources = Array.from({ length: Math.min(SOURCES, crowd.peers) }, async (_, number) => {
      const socket = createSocket({ type: "udp4", recvBufferSize: 1 << 20 });
      socket.bind(0, sourceAddress(number));
      await once(socket, "listening");
      socket.connect(port, "127.0.0.1");
      await once(socket, "connect");
      const request = Buffer.alloc(16);
      writeUdpConnectRequest(request, number);
      socket.send(request);
      const [bytes] = (await once(socket, "message", { signal: AbortSignal.timeout(SILENCE_MS) })) as [Buffer];
      const reply = parseUdpReply(bytes, "ipv4");
      if (reply.action !== "connect") throw new Error(`The tracker answered a connect with ${reply.action}.`);
      return {
        number,
        socket,
        announce: crowd.udpAnnounce(reply.connectionId),
        scrape: crowd.udpScrape(reply.connectionId),
      };
    });
    return new UdpLoad(crowd, await Promise.all(sources));
  }

  /** Every peer announces once. */
  async fill(tally: Tally): Promise<void> {
    const { peers } = this.#crowd;
    const next = this.#sources.map(({ number }) => number);
    await this.#run(tally, 1, (source) => {
      const peer = next[source.number] as number;
      if (peer >= peers) return null;
      next[source.number] = peer + SOURCES;
      this.#crowd.aimUdpAnnounce(source.announce, peer);
      return source.announce;
    });
  }

  /** Known peers announce again, at random, until the tally's end. */
  async announce(tally: Tally): Promise<void> {
    await this.#run(tally, 1, (source) => {
      if (tally.isOver) return null;
      this.#crowd.aimUdpAnnounce(source.announce, this.#crowd.randomPeer(source.number));
      return source.announce;
    });
  }

  async scrape(tally: Tally): Promise<void> {
    await this.#run(tally, 2, (source) => (tally.isOver ? null : source.scrape));
  }

  [Symbol.dispose](): void {
    for (const { socket } of this.#sources) socket.close();
  }

  /** `next` is the source's next datagram, or null where it is done. */
  async #run(tally: Tally, action: number, next: (source: Source) => Buffer | null): Promise<void> {
    const waiting = [...this.#sources];
    let left = waiting.length;
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const sendNext = (): void => {
      for (let source = waiting.shift(); source !== undefined; source = waiting.shift()) {
        const bytes = next(source);
        if (bytes !== null) {
          source.socket.send(bytes);
          return;
        }
        if (--left === 0) resolve();
      }
    };
    for (const source of this.#sources) {
      source.socket.on("message", (bytes) => {
        if (bytes[3] !== action) reject(new Error(`The tracker refused: ${bytes.toString("latin1", 8)}`));
        tally.count(bytes.length);
        waiting.push(source);
        sendNext();
      });
    }
    for (let turn = 0; turn < UNDER_WAY; turn++) sendNext();
    let seen = -1;
    const watch = setInterval(() => {
      if (tally.requests === seen) reject(new Error(`${left} requests got no answer.`));
      seen = tally.requests;
    }, SILENCE_MS);
    try {
      await promise;
    } finally {
      clearInterval(watch);
      for (const { socket } of this.#sources) socket.removeAllListeners("message");
    }
  }
}
