// Which of the peers that a tracker lists are believed. Whoever runs a tracker would like to make its clients knock at
// ports that he cannot reach himself. Trackers with public addresses rightly list private ones (a company's), so those
// stay; but an address of our own machine is known to a tracker on it alone, and a link-local one to a tracker on the link.

import { addressScope, isLinkLocal } from "../core/index.ts";
import type { Endpoint } from "../core/index.ts";

/** Of `peers` those that the tracker at this address can know of. */
export function believedPeers(trackerAddress: string, peers: readonly Endpoint[]): readonly Endpoint[] {
  if (addressScope(trackerAddress) === "loopback") return peers;
  const isOnLink = isLinkLocal(trackerAddress);
  return peers.filter(({ address }) => addressScope(address) !== "loopback" && (isOnLink || !isLinkLocal(address)));
}
