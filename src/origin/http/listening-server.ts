// The HTTP server under the app: its time-outs, its quota of connections, its certificate. A client is bounded in what it
// sends, in how long it takes, and in how many connections it holds (slowloris), before any route is looked at.

import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import type { RequestListener, Server, ServerOptions } from "node:http";
import { createServer as createSecureServer } from "node:https";
import type { Socket } from "node:net";
import { ORIGIN_HEAD_BYTES_MAX, ORIGIN_TIMEOUT_CHECKS } from "../../core/index.ts";
import type { HttpLimits } from "./http-limits.ts";

/** PEM files; the certificate's holds the whole chain. */
export interface TlsFiles {
  readonly certificateFile: string;
  readonly keyFile: string;
}

export interface ServerSettings {
  readonly limits: HttpLimits;
  readonly tls: TlsFiles | null;
  /** Its connections are not counted as one address's. */
  readonly isTrustedProxy: (address: string) => boolean;
  /** What befalls the server beside its requests. */
  readonly onError: (error: Error) => void;
}

export function createListeningServer(listener: RequestListener, settings: ServerSettings): Server {
  const { limits, tls } = settings;
  const options: ServerOptions = {
    maxHeaderSize: ORIGIN_HEAD_BYTES_MAX,
    headersTimeout: limits.headersTimeoutMs,
    requestTimeout: limits.requestTimeoutMs,
    keepAliveTimeout: limits.keepAliveMs,
    // How often these are looked at; every 30 s, if nobody asks for more, which would be three times the limit.
    connectionsCheckingInterval: Math.ceil(limits.headersTimeoutMs / ORIGIN_TIMEOUT_CHECKS),
    noDelay: true,
  };
  const server: Server =
    tls === null ? createServer(options, listener) : createSecureServer({ ...options, ...readTls(tls) }, listener);
  server.timeout = limits.idleTimeoutMs;
  server.maxConnections = limits.connectionsMax;
  limitByAddress(server, settings);
  // A connection that could not be accepted (out of descriptors) is that connection's loss, and not the process's end. That
  // an address cannot be had is told by listen().
  server.on("error", settings.onError);
  return server;
}

export function readTls({ certificateFile, keyFile }: TlsFiles): { cert: Buffer; key: Buffer } {
  return { cert: readFileSync(certificateFile), key: readFileSync(keyFile) };
}

function limitByAddress(server: Server, { limits, isTrustedProxy }: ServerSettings): void {
  const counts = new Map<string, number>();
  // The TCP connection, before any handshake of TLS.
  server.on("connection", (socket: Socket) => {
    const address = addressGroup(socket.remoteAddress ?? "");
    if (isTrustedProxy(socket.remoteAddress ?? "")) return;
    const count = (counts.get(address) ?? 0) + 1;
    counts.set(address, count);
    socket.once("close", () => {
      const left = (counts.get(address) ?? 1) - 1;
      if (left === 0) counts.delete(address);
      else counts.set(address, left);
    });
    if (count > limits.connectionsPerAddressMax) socket.destroy();
  });
}

/** What one line of a provider gets: an IPv4 address, or the /64 of an IPv6 one. */
export function addressGroup(address: string): string {
  const ipv4 = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/.exec(address)?.[1];
  if (ipv4 !== undefined || !address.includes(":")) return ipv4 ?? address;
  const [head = "", tail] = (address.split("%")[0] ?? "").split("::");
  const groups = head === "" ? [] : head.split(":");
  const last = tail === undefined || tail === "" ? [] : tail.split(":");
  const zeros =
    tail === undefined ? [] : Array.from({ length: Math.max(0, 8 - groups.length - last.length) }, () => "0");
  return `${[...groups, ...zeros, ...last].slice(0, 4).join(":")}::/64`;
}
