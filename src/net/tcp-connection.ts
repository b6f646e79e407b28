// One TCP connection to a peer, reduced to what the engine needs: bytes come in through one callback, go out in vectored
// writes, and closing is final. All connections share ONE receive buffer: the bytes are valid during the callback only.

import { connect as connectSocket, Socket, type OnReadOpts } from "node:net";
import type { Endpoint } from "../core/index.ts";
import { endpointOf, TCP_CONNECT_TIMEOUT_MS, TCP_RECEIVE_BUFFER_BYTES } from "../core/index.ts";

export interface TcpHandler {
  /** The connection is usable. */
  connected(connection: TcpConnection): void;
  /** `buffer[0 … lengthBytes)` came in. The memory is reused after the call. */
  received(buffer: Buffer, lengthBytes: number): void;
  /** What was written has left the process's own queue. */
  drained(): void;
  /** Once, at the end: null where either side closed in order. */
  closed(error: Error | null): void;
}

const receiveBuffer = Buffer.allocUnsafeSlow(TCP_RECEIVE_BUFFER_BYTES);

export class TcpConnection {
  readonly remote: Endpoint;
  readonly isInbound: boolean;
  readonly #socket: Socket;
  #handler: TcpHandler | null = null;
  #error: Error | null = null;
  #isClosed = false;
  #isPaused = false;

  private constructor(open: (onread: OnReadOpts) => Socket, remote: Endpoint, isInbound: boolean) {
    const socket = open({
      buffer: receiveBuffer,
      callback: (lengthBytes, buffer) => {
        this.#handler?.received(buffer as Buffer, lengthBytes);
        return !this.#isPaused;
      },
    });
    this.#socket = socket;
    this.remote = remote;
    this.isInbound = isInbound;
    socket.setNoDelay(true);
    socket.on("drain", () => this.#handler?.drained());
    socket.on("error", (error) => (this.#error = error));
    // A peer that ends its side has nothing more to say in this protocol.
    socket.on("end", () => {
      this.close();
      this.#ended();
    });
    socket.on("close", () => {
      this.#isClosed = true;
      this.#ended();
    });
  }

  /** Connects; `handler.connected` or `handler.closed` tells how it went. */
  static connect(remote: Endpoint, handler: TcpHandler, localAddress?: string): TcpConnection {
    const from = localAddress === undefined ? {} : { localAddress };
    const open = (onread: OnReadOpts): Socket =>
      connectSocket({ host: remote.address, port: remote.port, ...from, onread });
    const connection = new TcpConnection(open, remote, false);
    connection.#handler = handler;
    const socket = connection.#socket;
    const timer = setTimeout(() => {
      connection.#error = new Error(`No connection within ${TCP_CONNECT_TIMEOUT_MS / 1_000} s.`);
      connection.close();
    }, TCP_CONNECT_TIMEOUT_MS);
    socket.once("connect", () => {
      clearTimeout(timer);
      if (!connection.#isClosed) handler.connected(connection);
    });
    socket.once("close", () => clearTimeout(timer));
    return connection;
  }

  /** Wraps an accepted socket that was paused by its server. Null where it is gone already. */
  static accepted(socket: Socket): TcpConnection | null {
    const remote = endpointOf(socket.remoteAddress ?? "", socket.remotePort ?? -1);
    if (remote === null) {
      socket.destroy();
      return null;
    }
    return new TcpConnection((onread) => readingInto(socket, onread), remote, true);
  }

  /** Begins to deliver the bytes of an accepted connection; one that is gone already is told as closed. */
  start(handler: TcpHandler): void {
    this.#handler = handler;
    if (this.#isClosed) {
      this.#ended();
      return;
    }
    handler.connected(this);
    if (!this.#isPaused) this.#socket.resume();
  }

  /** The address by which the remote end reaches this machine. */
  get localAddress(): string | undefined {
    return this.#socket.localAddress;
  }

  get isClosed(): boolean {
    return this.#isClosed;
  }

  /** Bytes that were written and have not left the process's own queue. */
  get queuedBytes(): number {
    return this.#socket.writableLength;
  }

  write(bytes: Uint8Array): void {
    if (!this.#isClosed) this.#socket.write(bytes);
  }

  /** One vectored write; `flushed` is called once the memory may be reused, also where the connection failed. */
  writeAll(parts: readonly Uint8Array[], flushed: (() => void) | null): void {
    const last = parts.at(-1);
    if (this.#isClosed || last === undefined) {
      flushed?.();
      return;
    }
    const socket = this.#socket;
    const isAlone = parts.length === 1;
    if (!isAlone) socket.cork();
    for (let at = 0; at + 1 < parts.length; at++) socket.write(parts[at] as Uint8Array);
    if (flushed === null) socket.write(last);
    else socket.write(last, () => flushed());
    if (!isAlone) socket.uncork();
  }

  /** Stops reading; the sender is held back by TCP. */
  pause(): void {
    this.#isPaused = true;
    this.#socket.pause();
  }

  resume(): void {
    if (!this.#isPaused) return;
    this.#isPaused = false;
    this.#socket.resume();
  }

  get isPaused(): boolean {
    return this.#isPaused;
  }

  /** Closes at once; what is still queued is lost. `closed` is called later, once. */
  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#socket.destroy();
  }

  #ended(): void {
    const handler = this.#handler;
    this.#handler = null;
    handler?.closed(this.#error);
  }
}

/**
 * The accepted connection as a socket that reads into a buffer of ours. Node offers that for those it connects only, and makes
 * 64 KiB of memory anew for each read of the others. Its private `handle` moves from one socket to another; a test holds
 * that it does.
 */
function readingInto(accepted: Socket, onread: OnReadOpts): Socket {
  const donor = accepted as Socket & { _handle: object | null };
  const handle = donor._handle;
  donor._handle = null;
  const socket = new Socket({ handle, onread } as ConstructorParameters<typeof Socket>[0]);
  socket.pause();
  // The server counts the sockets that it made, and is closed when they are.
  socket.once("close", () => accepted.destroy());
  return socket;
}
