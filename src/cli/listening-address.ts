// Where a server listens that was told no host.

import { networkInterfaces } from "node:os";
import type { TrackerAddress } from "../tracker/index.ts";
import type { HostPort } from "./framework/command.ts";

/** No host: every address; of a machine without IPv6, every IPv4 address. */
export function listeningAddressOf({ host, port }: HostPort): TrackerAddress {
  if (host !== "") return { host, port };
  const hasIpv6 = Object.values(networkInterfaces()).some((list) => list?.some(({ family }) => family === "IPv6"));
  return { host: hasIpv6 ? "::" : "0.0.0.0", port };
}
