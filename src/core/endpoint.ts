// An IP address and a port, in canonical text so that equal endpoints are equal strings, and their compact forms
// (BEP 5, 7, 23): 4 or 16 address bytes and 2 port bytes, big-endian.

import { BlockList, isIP, isIPv4, SocketAddress } from "node:net";
import { CodedError } from "./errors.ts";

export interface Endpoint {
  /** Canonical IPv4 or IPv6 text; an IPv4-mapped IPv6 address is written as IPv4. Never a name. */
  readonly address: string;
  /** 0 … 65535 */
  readonly port: number;
}

export class EndpointError extends CodedError<"endpoint.syntax"> {}

export const COMPACT_IPV4_BYTES = 6;
export const COMPACT_IPV6_BYTES = 18;

/** `HOST:PORT` or `[IPV6]:PORT`; the host is kept as written (it may be a name). @throws EndpointError */
export function parseHostPort(text: string): { host: string; port: number } {
  const match = /^(?:\[([0-9a-fA-F:.%]+)\]|([^:[\]]*)):(\d{1,5})$/.exec(text);
  const port = Number(match?.[3]);
  if (match === null || port > 65_535) {
    throw new EndpointError(
      "endpoint.syntax",
      `"${text}" is not HOST:PORT (a port is 0 to 65535; an IPv6 address stands in brackets).`,
    );
  }
  return { host: match[1] ?? match[2] ?? "", port };
}

/** The canonical endpoint of an IP address in text form, or null where it is no IP address or port. */
export function endpointOf(address: string, port: number): Endpoint | null {
  if (!Number.isInteger(port) || port < 0 || port > 65_535) return null;
  const family = isIP(address);
  if (family === 0) return null;
  if (family === 4) return { address, port };
  const canonical = new SocketAddress({ address: address.replace(/%.*$/, ""), family: "ipv6" }).address;
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(canonical);
  return { address: mapped?.[1] ?? canonical, port };
}

/** `1.2.3.4:5` or `[2001:db8::1]:5` */
export function formatEndpoint(endpoint: Endpoint): string {
  return endpoint.address.includes(":")
    ? `[${endpoint.address}]:${endpoint.port}`
    : `${endpoint.address}:${endpoint.port}`;
}

/** 6 or 18 bytes. */
export function encodeCompact(endpoint: Endpoint): Buffer {
  const port = Buffer.from([endpoint.port >> 8, endpoint.port & 0xff]);
  if (isIPv4(endpoint.address)) return Buffer.concat([Buffer.from(endpoint.address.split(".").map(Number)), port]);
  return Buffer.concat([ipv6Bytes(endpoint.address), port]);
}

/** Whole entries of 6 (ipv4) or 18 (ipv6) bytes; a rest that is no entry, and port 0, are left out. */
export function decodeCompact(bytes: Buffer, family: "ipv4" | "ipv6"): Endpoint[] {
  const width = family === "ipv4" ? COMPACT_IPV4_BYTES : COMPACT_IPV6_BYTES;
  const endpoints: Endpoint[] = [];
  for (let at = 0; at + width <= bytes.length; at += width) {
    const port = bytes.readUInt16BE(at + width - 2);
    const endpoint = port === 0 ? null : endpointOf(addressOf(bytes.subarray(at, at + width - 2)), port);
    if (endpoint !== null) endpoints.push(endpoint);
  }
  return endpoints;
}

function addressOf(bytes: Buffer): string {
  if (bytes.length === 4) return `${bytes[0]}.${bytes[1]}.${bytes[2]}.${bytes[3]}`;
  const groups: string[] = [];
  for (let at = 0; at < 16; at += 2) groups.push(bytes.readUInt16BE(at).toString(16));
  return groups.join(":");
}

function ipv6Bytes(address: string): Buffer {
  const dotted = /^(.*:)(\d+)\.(\d+)\.(\d+)\.(\d+)$/.exec(address);
  const text =
    dotted === null
      ? address
      : `${dotted[1]}${((Number(dotted[2]) << 8) | Number(dotted[3])).toString(16)}:${((Number(dotted[4]) << 8) | Number(dotted[5])).toString(16)}`;
  const [head = "", tail] = text.split("::");
  const before = head === "" ? [] : head.split(":");
  const after = tail === undefined || tail === "" ? [] : tail.split(":");
  const groups = [...before, ...Array.from({ length: 8 - before.length - after.length }, () => "0"), ...after];
  const bytes = Buffer.alloc(16);
  groups.forEach((group, index) => bytes.writeUInt16BE(Number.parseInt(group, 16), index * 2));
  return bytes;
}

const loopback = new BlockList();
loopback.addSubnet("127.0.0.0", 8, "ipv4");
loopback.addAddress("::1", "ipv6");
// Who connects to the unspecified address reaches his own machine.
loopback.addAddress("0.0.0.0", "ipv4");
loopback.addAddress("::", "ipv6");
const linkLocal = new BlockList();
linkLocal.addSubnet("169.254.0.0", 16, "ipv4");
linkLocal.addSubnet("fe80::", 10, "ipv6");
const local = new BlockList();
for (const [net, prefix] of [
  ["0.0.0.0", 8],
  ["10.0.0.0", 8],
  ["100.64.0.0", 10],
  ["127.0.0.0", 8],
  ["169.254.0.0", 16],
  ["172.16.0.0", 12],
  ["192.168.0.0", 16],
] as const) {
  local.addSubnet(net, prefix, "ipv4");
}
local.addSubnet("fc00::", 7, "ipv6");
local.addSubnet("fe80::", 10, "ipv6");

/** What one line of a provider gets: an IPv4 address, or the first 64 bits of an IPv6 one, as text. */
export function networkOf(address: string): string {
  const canonical = endpointOf(address, 0)?.address ?? address;
  return canonical.includes(":") ? ipv6Bytes(canonical).toString("hex", 0, 8) : canonical;
}

/** `loopback`: this machine (also unspecified); `private`: this network (RFC 1918, 4193, 6598, link-local); `global`: the rest. */
export function addressScope(address: string): "loopback" | "private" | "global" {
  if (isIn(loopback, address)) return "loopback";
  return isIn(local, address) ? "private" : "global";
}

/** Known to nobody but the machines on one link. */
export function isLinkLocal(address: string): boolean {
  return isIn(linkLocal, address);
}

function isIn(list: BlockList, address: string): boolean {
  const canonical = endpointOf(address, 0)?.address ?? address;
  return list.check(canonical, isIPv4(canonical) ? "ipv4" : "ipv6");
}
