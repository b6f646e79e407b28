// The extension handshake (BEP 10) with the keys of BEP 9 (metadata_size), 11, 21 (upload_only) and 54 (lt_donthave), and
// one of our own: `site`, the name of the sender's site or an empty string. Who sends it fetches with the other machines
// of its site, by the rules of docs/decisions/0013-sites.md.
//
// A peer may send it more than once, and then only what changed: absent is null here, and an id of 0 switches an
// extension off. A key with a senseless value counts as absent, since clients in the field have bugs in keys that we
// can do without; only what is no dictionary closes the connection.

import { isIP } from "node:net";
import { encode } from "../bencode/index.ts";
import type { BencodeDict } from "../bencode/index.ts";
import {
  CLIENT_NAME_LENGTH_MAX,
  COMPACT_IPV4_BYTES,
  COMPACT_IPV6_BYTES,
  decodeCompact,
  encodeCompact,
  isSiteName,
  INFO_LENGTH_MAX_BYTES,
  REQUEST_QUEUE_MAX,
} from "../core/index.ts";
import { intWithin, parseDictionary } from "./extended-payload.ts";
import { encodeExtended } from "./messages.ts";

/** The extended id of the extension handshake itself. */
export const EXTENSION_HANDSHAKE_ID = 0;

/** The extensions that we speak, and the ids under which we want to receive their messages. */
export const LOCAL_EXTENSION_IDS = { ut_pex: 1, ut_metadata: 2, upload_only: 3, lt_donthave: 4 } as const;

export type ExtensionName = keyof typeof LOCAL_EXTENSION_IDS;

const EXTENSION_NAMES = Object.keys(LOCAL_EXTENSION_IDS) as ExtensionName[];

export interface ExtensionHandshake {
  /** The peer's ids, to send with: 1 … 255, 0 where it switches the extension off, absent where it says nothing. */
  readonly m: Readonly<Partial<Record<ExtensionName, number>>>;
  /** Printable, at most CLIENT_NAME_LENGTH_MAX characters; untrusted. */
  readonly clientName: string | null;
  /** Requests that the peer queues, 1 … REQUEST_QUEUE_MAX. */
  readonly reqq: number | null;
  /** Bytes of the info dictionary: a claim, not to be allocated before pieces come. */
  readonly metadataSize: number | null;
  readonly listenPort: number | null;
  readonly uploadOnly: boolean | null;
  /** Our address as the peer sees it, canonical text. */
  readonly yourip: string | null;
  /** The name of its site, "" where it has none; null where it does not share a site's link as we do. */
  readonly site: string | null;
}

/** What we say. */
export interface OwnExtensionHandshake {
  /** Those that are offered on this connection: no ut_pex on a private torrent (BEP 27). */
  readonly extensions: readonly ExtensionName[];
  readonly clientName?: string;
  readonly reqq?: number;
  readonly metadataSize?: number | null;
  readonly listenPort?: number | null;
  readonly uploadOnly?: boolean;
  /** The peer's address as we see it. */
  readonly yourip?: string;
  readonly site?: string;
}

/** @throws WireError `wire.payload` */
export function parseExtensionHandshake(payload: Buffer): ExtensionHandshake {
  const { dict } = parseDictionary(payload, "extension handshake");
  const uploadOnly = dict.int("upload_only");
  const reqq = dict.int("reqq");
  return {
    m: idsOf(dict.dict("m")),
    clientName: clientNameOf(dict.bytes("v")),
    reqq: reqq === undefined ? null : Math.min(Math.max(reqq, 1), REQUEST_QUEUE_MAX),
    metadataSize: intWithin(dict, "metadata_size", 1, INFO_LENGTH_MAX_BYTES),
    listenPort: intWithin(dict, "p", 1, 65_535),
    uploadOnly: uploadOnly === undefined ? null : uploadOnly !== 0,
    yourip: addressOf(dict.bytes("yourip")),
    site: siteOf(dict.bytes("site")),
  };
}

/** The whole message. */
export function encodeExtensionHandshake(own: OwnExtensionHandshake): Buffer {
  return encodeExtended(
    EXTENSION_HANDSHAKE_ID,
    encode({
      m: Object.fromEntries(own.extensions.map((name) => [name, LOCAL_EXTENSION_IDS[name]])),
      metadata_size: own.metadataSize ?? undefined,
      p: own.listenPort ?? undefined,
      reqq: own.reqq,
      site: own.site,
      upload_only: own.uploadOnly === true ? 1 : undefined,
      v: own.clientName,
      yourip: own.yourip === undefined ? undefined : addressBytes(own.yourip),
    }),
  );
}

function idsOf(m: BencodeDict | undefined): Partial<Record<ExtensionName, number>> {
  const ids: Partial<Record<ExtensionName, number>> = {};
  if (m === undefined) return ids;
  for (const name of EXTENSION_NAMES) {
    const id = intWithin(m, name, 0, 255);
    if (id !== null) ids[name] = id;
  }
  return ids;
}

/** Without control and format characters: the name goes to terminals and logs, where those could forge a line. */
function clientNameOf(bytes: Buffer | undefined): string | null {
  if (bytes === undefined) return null;
  // Cut before it is decoded (four bytes are the longest character), so that a name of 60 KiB costs nothing.
  const text = bytes.toString("utf8", 0, CLIENT_NAME_LENGTH_MAX * 4).replaceAll(/[\p{C}\p{Zl}\p{Zp}]/gu, "");
  return Array.from(text).slice(0, CLIENT_NAME_LENGTH_MAX).join("").trim() || null;
}

function siteOf(bytes: Buffer | undefined): string | null {
  if (bytes === undefined) return null;
  const name = bytes.toString("utf8");
  return name === "" || isSiteName(name) ? name : null;
}

function addressOf(bytes: Buffer | undefined): string | null {
  const family = bytes?.length === COMPACT_IPV4_BYTES - 2 ? "ipv4" : "ipv6";
  if (bytes === undefined || (family === "ipv6" && bytes.length !== COMPACT_IPV6_BYTES - 2)) return null;
  return decodeCompact(Buffer.concat([bytes, Buffer.from([0, 1])]), family)[0]?.address ?? null;
}

function addressBytes(address: string): Buffer | undefined {
  return isIP(address) === 0 ? undefined : encodeCompact({ address, port: 1 }).subarray(0, -2);
}
