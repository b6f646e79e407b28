// Peer exchange (ut_pex, BEP 11): connected peers tell each other whom they are connected to. A message names what changed
// since the last one to the same peer. Never used on a private torrent (BEP 27): its session does not offer it.

import type { Endpoint } from "../core/index.ts";
import {
  addressScope,
  formatEndpoint,
  PEX_ADDED_MAX,
  PEX_INTERVAL_MS,
  PEX_LOOK_MS,
  PEX_RECEIVE_MIN_MS,
} from "../core/index.ts";
import { encodePeerExchange, PexFlag } from "../wire/index.ts";
import type { PeerSession } from "./peer-session.ts";

interface Told {
  /** When the peer is looked at again. */
  notBefore: number;
  readonly endpoints: Map<string, Endpoint>;
}

export class PeerExchange {
  readonly #told = new WeakMap<PeerSession, Told>();
  readonly #heardAt = new WeakMap<PeerSession, number>();

  /** Tells `session` about the others, where it wants to know and it is time. */
  tick(session: PeerSession, others: Iterable<PeerSession>, now: number): void {
    const id = session.extensionIds.ut_pex;
    if (id === undefined) return;
    const told = this.#told.get(session) ?? { notBefore: -Infinity, endpoints: new Map<string, Endpoint>() };
    if (now < told.notBefore) return;
    this.#told.set(session, told);
    const current = contactsFor(session, others);
    const added = [...current].filter(([key]) => !told.endpoints.has(key)).map(([, contact]) => contact);
    const dropped = [...told.endpoints].filter(([key]) => !current.has(key)).map(([, endpoint]) => endpoint);
    const isNews = added.length > 0 || dropped.length > 0;
    told.notBefore = now + (isNews ? PEX_INTERVAL_MS : PEX_LOOK_MS);
    if (!isNews) return;
    session.connection.send(encodePeerExchange(id, { added, dropped }));
    told.endpoints.clear();
    for (const [key, { endpoint }] of current) told.endpoints.set(key, endpoint);
  }

  /** True where the peer's message is to be read: they come about once a minute. */
  mayTell(session: PeerSession, now: number): boolean {
    if (now - (this.#heardAt.get(session) ?? -Infinity) < PEX_RECEIVE_MIN_MS) return false;
    this.#heardAt.set(session, now);
    return true;
  }
}

const breadth = { loopback: 0, private: 1, global: 2 } as const;

/**
 * Of the endpoints that a peer names, those that it could have been connected to itself: a stranger from the internet is
 * not the one to send us to a port of our own network, nor a neighbour to one of our own machine.
 */
export function reachableBy(teller: Endpoint, named: readonly Endpoint[]): readonly Endpoint[] {
  const scope = breadth[addressScope(teller.address)];
  return named.filter(({ address }) => breadth[addressScope(address)] >= scope);
}

function contactsFor(
  session: PeerSession,
  others: Iterable<PeerSession>,
): Map<string, { endpoint: Endpoint; flags: number }> {
  const contacts = new Map<string, { endpoint: Endpoint; flags: number }>();
  for (const other of others) {
    const endpoint = other.connection.listenEndpoint;
    if (other === session || endpoint === null || contacts.size >= PEX_ADDED_MAX) continue;
    const flags = other.peer?.isSeed === true ? PexFlag.seed : 0;
    contacts.set(formatEndpoint(endpoint), { endpoint, flags });
  }
  return contacts;
}
