// Accepts TCP connections on IPv6 and IPv4. Without an address it listens on both families where the machine has both.

import { createServer } from "node:net";
import type { AddressInfo, Server } from "node:net";
import type { Endpoint } from "../core/index.ts";
import { NetError } from "./net-error.ts";
import { TcpConnection } from "./tcp-connection.ts";

/** What a machine without IPv6 says to `::`. */
const NO_IPV6: ReadonlySet<string> = new Set(["EAFNOSUPPORT", "EADDRNOTAVAIL", "EINVAL"]);

export class TcpListener implements AsyncDisposable {
  readonly #server: Server;
  /** Where it listens; the port is the real one where 0 was asked for. */
  readonly endpoint: Endpoint;

  private constructor(server: Server) {
    const { address, port } = server.address() as AddressInfo;
    this.#server = server;
    this.endpoint = { address, port };
  }

  /** @throws NetError "net.listen" where the address is taken, not ours or not allowed. */
  static async open(
    options: { host?: string; port: number },
    accept: (connection: TcpConnection) => void,
  ): Promise<TcpListener> {
    const server = createServer({ noDelay: true, pauseOnConnect: true }, (socket) => {
      const connection = TcpConnection.accepted(socket);
      if (connection !== null) accept(connection);
    });
    const hosts = options.host === undefined || options.host === "" ? ["::", "0.0.0.0"] : [options.host];
    let failure: unknown;
    for (const host of hosts) {
      try {
        await listen(server, host, options.port);
        // A connection that could not be accepted (out of descriptors) is that connection's loss.
        server.on("error", () => {});
        return new TcpListener(server);
      } catch (error) {
        failure = error;
        // A port that is taken is not to be had by halves: peers would reach somebody else by the other family.
        if (!NO_IPV6.has((error as NodeJS.ErrnoException).code ?? "")) break;
      }
    }
    throw new NetError(
      "net.listen",
      `Cannot listen on ${options.host ?? "any address"}, port ${options.port}: ${String(failure)}. Choose another --listen address.`,
      { cause: failure, retryable: true },
    );
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await new Promise<void>((resolve) => this.#server.close(() => resolve()));
  }
}

function listen(server: Server, host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen({ host, port }, () => {
      server.off("error", reject);
      resolve();
    });
  });
}
