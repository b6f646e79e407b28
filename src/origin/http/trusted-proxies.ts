// Which addresses are proxies of ours. Only what they say about the client (X-Forwarded-For, -Proto) counts: from anybody
// else it is a way to be somebody else, for rate limits and for the log.

import { BlockList, isIP, isIPv6 } from "node:net";
import { CodedError } from "../../core/index.ts";

export class ProxyListError extends CodedError<"http.proxies"> {}

/** Of addresses and networks (CIDR). @throws ProxyListError */
export function trustedProxies(entries: readonly string[]): (address: string) => boolean {
  const list = new BlockList();
  for (const entry of entries) {
    const [address = "", prefix] = entry.split("/");
    const bits = prefix === undefined ? null : Number(prefix);
    const bitsMax = isIPv6(address) ? 128 : 32;
    if (isIP(address) === 0 || (bits !== null && !(/^\d+$/.test(prefix ?? "") && bits <= bitsMax))) {
      throw new ProxyListError("http.proxies", `“${entry}” is neither an address nor a network such as 10.0.0.0/8.`);
    }
    const family = isIPv6(address) ? "ipv6" : "ipv4";
    if (bits === null) list.addAddress(address, family);
    else list.addSubnet(address, bits, family);
  }
  return (address) => isIP(address) !== 0 && list.check(address, isIPv6(address) ? "ipv6" : "ipv4");
}
