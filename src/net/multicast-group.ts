// One multicast group and port of one address family, on the machine's network interfaces: what is sent goes out of each
// of them, what anybody sends there is heard. Several programs of a machine share the port.
// Datagrams do not leave the link (a hop limit of 1): who is farther away is no neighbour.

import { createSocket } from "node:dgram";
import type { Socket } from "node:dgram";
import { once } from "node:events";
import { isIP } from "node:net";
import { messageOf } from "../core/index.ts";
import { NetError } from "./net-error.ts";

export interface MulticastGroupOptions {
  readonly group: string;
  readonly port: number;
  /** Of the group's family: IPv4 addresses of ours, or `::%eth0`. */
  readonly interfaces: readonly string[];
  readonly onDatagram: (bytes: Buffer, from: string) => void;
}

export class MulticastGroup implements AsyncDisposable {
  readonly #socket: Socket;
  readonly #options: MulticastGroupOptions;
  /** Those that have joined. */
  readonly #interfaces: readonly string[];

  private constructor(socket: Socket, options: MulticastGroupOptions) {
    this.#socket = socket;
    this.#options = options;
    this.#interfaces = options.interfaces.filter((address) => joins(socket, options.group, address));
    socket.on("message", (bytes, { address }) => options.onDatagram(bytes, address));
    // A datagram that could not be sent is lost, as any may be.
    socket.on("error", () => {});
  }

  /** @throws NetError "net.listen" where the port is not to be had or no interface takes part. */
  static async open(options: MulticastGroupOptions): Promise<MulticastGroup> {
    const family = isIP(options.group);
    const socket = createSocket({
      type: family === 6 ? "udp6" : "udp4",
      reuseAddr: true,
      ipv6Only: family === 6,
      // Answered at once, so that a datagram leaves by the interface that was chosen for it.
      lookup: (address, _, callback) => callback(null, address, family),
    });
    try {
      const listening = once(socket, "listening");
      socket.bind(options.port);
      await listening;
      const group = new MulticastGroup(socket, options);
      if (group.#interfaces.length > 0) return group;
      throw new Error("No network interface takes part.");
    } catch (cause) {
      socket.close();
      const message = `Cannot take part in multicast ${options.group}: ${messageOf(cause)}`;
      throw new NetError("net.listen", message, { cause, retryable: true });
    }
  }

  send(bytes: Buffer): void {
    const { group, port } = this.#options;
    for (const address of this.#interfaces) {
      try {
        this.#socket.setMulticastInterface(address);
        this.#socket.send(bytes, port, group);
      } catch {
        // The interface went away: the others stay.
      }
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const closed = once(this.#socket, "close");
    this.#socket.close();
    await closed;
  }
}

function joins(socket: Socket, group: string, address: string): boolean {
  try {
    socket.addMembership(group, address);
    return true;
  } catch {
    return false;
  }
}
