// What makes two machines neighbours: cheap links between them. A name that both were given decides; where one of them
// has none, a common subnet (/24, for IPv6 /64) does, and loopback.

import { addressScope, encodeCompact } from "./endpoint.ts";
import { SITE_NAME_BYTES_MAX } from "./limits/index.ts";

/** One end of a connection. */
export interface SiteEnd {
  /** Announced, or null. */
  readonly site: string | null;
  /** Canonical text. */
  readonly address: string;
}

const IPV4_SUBNET_BYTES = 3;
const IPV6_SUBNET_BYTES = 8;

/** 1 to SITE_NAME_BYTES_MAX bytes that can be shown to people: the name comes from anybody and goes to logs. */
export function isSiteName(text: string): boolean {
  return text.trim() === text && text !== "" && Buffer.byteLength(text) <= SITE_NAME_BYTES_MAX && !/\p{C}/u.test(text);
}

export function isSameSite(one: SiteEnd, other: SiteEnd): boolean {
  if (one.site !== null && other.site !== null) return one.site === other.site;
  return isSameSubnet(one.address, other.address);
}

function isSameSubnet(one: string, other: string): boolean {
  if (addressScope(other) === "loopback") return true;
  const isIpv6 = other.includes(":");
  if (one === "" || isIpv6 !== one.includes(":")) return false;
  const subnetBytes = isIpv6 ? IPV6_SUBNET_BYTES : IPV4_SUBNET_BYTES;
  const prefix = (address: string): Buffer => encodeCompact({ address, port: 1 }).subarray(0, subnetBytes);
  return prefix(one).equals(prefix(other));
}
