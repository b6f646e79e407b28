// Where this machine is on a network, as multicast wants it named.

import { networkInterfaces } from "node:os";
import { addressScope } from "../core/index.ts";

export interface LocalNetworks {
  /** Our own addresses, of both families. */
  readonly addresses: readonly string[];
  /** Interfaces for multicast: IPv4 by an address of ours, IPv6 as `::%eth0`. */
  readonly ipv4: readonly string[];
  readonly ipv6: readonly string[];
}

/** `host`: where the program listens; "" or an unspecified address is every interface. Loopback is no network. */
export function localNetworks(host: string): LocalNetworks {
  const isEvery = host === "" || host === "::" || host === "0.0.0.0";
  const addresses: string[] = [];
  const ipv4: string[] = [];
  const ipv6 = new Set<string>();
  for (const [name, owned = []] of Object.entries(networkInterfaces())) {
    for (const { address, family } of owned) {
      if (addressScope(address) === "loopback" || !(isEvery || address === host)) continue;
      addresses.push(address);
      if (family === "IPv4") ipv4.push(address);
      else ipv6.add(`::%${name}`);
    }
  }
  return { addresses, ipv4, ipv6: [...ipv6] };
}
