// Names to addresses, once per request: what comes back is checked by the URL policy and then connected to as it is.
// IP literals need no resolver. Deliberately without a cache: the system's resolver has one that knows about time.

import { lookup } from "node:dns/promises";
import { isIP, isIPv6 } from "node:net";
import { HOST_ADDRESSES_MAX } from "../core/index.ts";
import { NetError } from "./net-error.ts";
import { checkAddress } from "./url-policy.ts";
import type { RedirectSource, UrlPolicy, UrlPurpose } from "./url-policy.ts";
import { withTimeout } from "./timeout.ts";

export type AddressFamily = "ipv4" | "ipv6";

/** IP addresses of a host name, best first. Rejects or returns none where there is none. */
export type ResolveHost = (host: string) => Promise<readonly string[]>;

/** The system's resolver: /etc/hosts, mDNS and company names included. */
export const systemResolve: ResolveHost = async (host) => {
  const found = await lookup(host, { all: true, order: "verbatim" });
  return found.map((entry) => entry.address);
};

export interface ResolveOptions {
  readonly purpose: UrlPurpose;
  readonly policy: UrlPolicy;
  readonly resolve: ResolveHost;
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
  readonly from?: RedirectSource | null;
  /** Only addresses of this family. */
  readonly family?: AddressFamily | null;
}

/**
 * The addresses that `url` may be requested from, in order, at most HOST_ADDRESSES_MAX. Those that the policy forbids
 * are left out; where none is left the policy's error is thrown.
 * @throws NetError net.resolve, net.timeout, net.policy-…; the signal's reason
 */
export async function resolveTarget(url: URL, options: ResolveOptions): Promise<string[]> {
  const host = canonicalHost(url);
  const all = isIP(host) === 0 ? await resolveName(host, options) : [host];
  const usable = all.filter(
    (address) => isIP(address) !== 0 && (options.family == null || options.family === familyOf(address)),
  );
  if (usable.length === 0) {
    const what = options.family == null ? "address" : `${options.family === "ipv4" ? "IPv4" : "IPv6"} address`;
    throw new NetError("net.resolve", `${host} has no ${what}.`, { retryable: true });
  }
  let refusal: unknown = null;
  const permitted = usable.filter((address) => {
    try {
      checkAddress(url, address, options.purpose, options.policy, options.from ?? null);
      return true;
    } catch (error) {
      refusal ??= error;
      return false;
    }
  });
  if (permitted.length === 0) throw refusal;
  return permitted.slice(0, HOST_ADDRESSES_MAX);
}

export function familyOf(address: string): AddressFamily {
  return isIPv6(address) ? "ipv6" : "ipv4";
}

/** The host without brackets. Only special schemes get their numbers normalised by URL, hence the detour for `udp:`. */
function canonicalHost(url: URL): string {
  const host = url.protocol === "udp:" ? URL.parse(`http://${url.hostname}/`)?.hostname : url.hostname;
  if (host === undefined) throw new NetError("net.url-syntax", `"${url.hostname}" is no host name.`);
  return host.replace(/^\[|\]$/g, "");
}

async function resolveName(host: string, options: ResolveOptions): Promise<readonly string[]> {
  const timeoutError = (): NetError =>
    new NetError("net.timeout", `The name ${host} was not resolved within ${options.timeoutMs} ms.`, {
      retryable: true,
    });
  try {
    return await withTimeout(options.resolve(host), options.timeoutMs, options.signal, timeoutError);
  } catch (cause) {
    options.signal.throwIfAborted();
    if (cause instanceof NetError) throw cause;
    throw new NetError("net.resolve", `The name ${host} cannot be resolved.`, { cause, retryable: true });
  }
}
