// Peer exchange (ut_pex, BEP 11): connected peers tell each other whom they are connected to. A message names what changed
// since the last one to the same peer. Never used on a private torrent (BEP 27): its session does not offer it.

import type { Endpoint } from "../core/index.ts";
import { formatEndpoint, PEX_ADDED_MAX, PEX_INTERVAL_MS } from "../core/index.ts";
import { encodePeerExchange, PexFlag } from "../wire/index.ts";
import type { PeerSession } from "./peer-session.ts";

interface Told {
  at: number;
  readonly endpoints: Map<string, Endpoint>;
}

export class PexSender {
  readonly #told = new WeakMap<PeerSession, Told>();

  /** Tells `session` about the others, where it wants to know and it is time. */
  tick(session: PeerSession, others: Iterable<PeerSession>, now: number): void {
    const id = session.extensionIds.ut_pex;
    const told = this.#told.get(session) ?? { at: -Infinity, endpoints: new Map<string, Endpoint>() };
    if (id === undefined || now - told.at < PEX_INTERVAL_MS) return;
    const current = new Map<string, { endpoint: Endpoint; flags: number }>();
    for (const other of others) {
      const endpoint = other.connection.listenEndpoint;
      if (other === session || endpoint === null || current.size >= PEX_ADDED_MAX) continue;
      const flags = other.peer?.isSeed === true ? PexFlag.seed : 0;
      current.set(formatEndpoint(endpoint), { endpoint, flags });
    }
    const added = [...current].filter(([key]) => !told.endpoints.has(key)).map(([, contact]) => contact);
    const dropped = [...told.endpoints].filter(([key]) => !current.has(key)).map(([, endpoint]) => endpoint);
    if (added.length === 0 && dropped.length === 0) return;
    session.connection.send(encodePeerExchange(id, { added, dropped }));
    told.at = now;
    told.endpoints.clear();
    for (const [key, { endpoint }] of current) told.endpoints.set(key, endpoint);
    this.#told.set(session, told);
  }
}
