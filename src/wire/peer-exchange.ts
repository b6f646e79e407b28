// ut_pex (BEP 11): whom a peer is connected to.
//
//   bencoded { added, added.f, dropped: IPv4 contacts of 6 bytes; added6, added6.f, dropped6: IPv6 of 18 }
//
// Hearsay from a stranger: whether and how many of the contacts are tried is for the engine.

import { encode } from "../bencode/index.ts";
import type { BencodeDict } from "../bencode/index.ts";
import {
  COMPACT_IPV4_BYTES,
  COMPACT_IPV6_BYTES,
  decodeCompact,
  encodeCompact,
  formatEndpoint,
  PEX_CONTACTS_MAX,
} from "../core/index.ts";
import type { Endpoint } from "../core/index.ts";
import { parseDictionary } from "./extended-payload.ts";
import { encodeExtended } from "./messages.ts";

/** Bits of PexContact.flags. */
export const PexFlag = { prefersEncryption: 0x01, seed: 0x02, utp: 0x04, holepunch: 0x08, reachable: 0x10 } as const;

export interface PexContact {
  readonly endpoint: Endpoint;
  /** Bits of PexFlag; 0 where the sender gave none. */
  readonly flags: number;
}

export interface PeerExchange {
  /** Without duplicates, at most PEX_CONTACTS_MAX of each family; the rest is left out. */
  readonly added: readonly PexContact[];
  readonly dropped: readonly Endpoint[];
}

type Family = "ipv4" | "ipv6";

const NOTHING: Buffer = Buffer.alloc(0);

/** @throws WireError `wire.payload` */
export function parsePeerExchange(payload: Buffer): PeerExchange {
  const { dict } = parseDictionary(payload, "peer exchange");
  const added = new Map<string, PexContact>();
  const dropped = new Map<string, Endpoint>();
  for (const family of ["ipv4", "ipv6"] as const) {
    const suffix = family === "ipv4" ? "" : "6";
    for (const contact of contacts(dict, `added${suffix}`, family))
      added.set(formatEndpoint(contact.endpoint), contact);
    for (const { endpoint } of contacts(dict, `dropped${suffix}`, family))
      dropped.set(formatEndpoint(endpoint), endpoint);
  }
  return { added: [...added.values()], dropped: [...dropped.values()] };
}

/** The whole message; `id` is the peer's for ut_pex. The caller keeps to BEP 11's 50 contacts and one message a minute. */
export function encodePeerExchange(id: number, exchange: PeerExchange): Buffer {
  const fields: Record<string, Buffer> = {};
  for (const family of ["ipv4", "ipv6"] as const) {
    const suffix = family === "ipv4" ? "" : "6";
    const added = exchange.added.filter((contact) => familyOf(contact.endpoint) === family);
    const dropped = exchange.dropped.filter((endpoint) => familyOf(endpoint) === family);
    if (added.length > 0 || family === "ipv4") {
      fields[`added${suffix}`] = Buffer.concat(added.map((contact) => encodeCompact(contact.endpoint)));
      fields[`added${suffix}.f`] = Buffer.from(added.map((contact) => contact.flags));
    }
    if (dropped.length > 0) fields[`dropped${suffix}`] = Buffer.concat(dropped.map(encodeCompact));
  }
  return encodeExtended(id, encode(fields));
}

/** Entry by entry, since a contact that is left out must take its flags along. */
function contacts(dict: BencodeDict, key: string, family: Family): PexContact[] {
  const width = family === "ipv4" ? COMPACT_IPV4_BYTES : COMPACT_IPV6_BYTES;
  const bytes = dict.bytes(key) ?? NOTHING;
  const flags = dict.bytes(`${key}.f`);
  const found: PexContact[] = [];
  const count = Math.min(Math.floor(bytes.length / width), PEX_CONTACTS_MAX);
  for (let entry = 0; entry < count; entry++) {
    const [endpoint] = decodeCompact(bytes.subarray(entry * width, (entry + 1) * width), family);
    if (endpoint !== undefined) found.push({ endpoint, flags: flags?.[entry] ?? 0 });
  }
  return found;
}

function familyOf(endpoint: Endpoint): Family {
  return endpoint.address.includes(":") ? "ipv6" : "ipv4";
}
