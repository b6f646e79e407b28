// Whether a peer is on our site. The addresses say so at first; the peer's extension handshake may correct it, and says
// whether the peer shares its site's link by the rules that we follow (docs/decisions/0013-sites.md).

import { endpointOf, isSameSite } from "../core/index.ts";
import { memberKey } from "../swarm/index.ts";
import type { ByteSource, Swarm, SwarmPeer } from "../swarm/index.ts";
import type { PeerConnection } from "./peer-connection.ts";

export class PeerSite {
  readonly #ours: string | null;
  readonly #connection: PeerConnection;
  /** The peer's name for its site; null where it has none or has not said yet. */
  #name: string | null = null;
  #isSharing = false;

  constructor(ours: string | null, connection: PeerConnection) {
    this.#ours = ours;
    this.#connection = connection;
  }

  /** Neighbours, who cost next to nothing, are counted apart from the rest. */
  get source(): ByteSource {
    const { localAddress, remote } = this.#connection;
    const here = { site: this.#ours, address: endpointOf(localAddress ?? "", 0)?.address ?? "" };
    return isSameSite(here, { site: this.#name, address: remote.address }) ? "sitePeers" : "otherPeers";
  }

  /** The peer named its site; "" where that has no name. */
  said(name: string): void {
    this.#name = name === "" ? null : name;
    this.#isSharing = true;
  }

  tell(swarm: Swarm, peer: SwarmPeer, now: number): void {
    const { remotePeerId } = this.#connection;
    swarm.peerSite(peer, this.source, this.#isSharing && remotePeerId !== null ? memberKey(remotePeerId) : null, now);
  }
}
