// Sites of hosts on this machine: each site is a network namespace with a bridge (1 Gbit/s a host, multicast works) and a
// router, whose link to the rest is slow in both directions; the origin has a link of its own. Subnets differ by site.
// Needs root and Debian's iproute2. Removes what it made, also when the bench fails.

import { execFileSync } from "node:child_process";
import { removeAtExit } from "./leave-nothing.ts";

export interface SiteLinks {
  readonly sites: number;
  readonly machinesEach: number;
  /** Of each site, each way. */
  readonly siteMbit: number;
  readonly originMbit: number;
  /** From one end of a slow link to the other, one way. */
  readonly delayMs: number;
}

const PREFIX = "ups";
const CORE = `${PREFIX}core`;
const INSIDE_MBIT = 1_000;

/** Where what is nobody's runs: the tracker. */
export const CORE_ADDRESS = "10.79.0.1";
export const ORIGIN_ADDRESS = "10.79.0.2";

export class SiteLab implements Disposable {
  readonly #links: SiteLinks;

  constructor(links: SiteLinks) {
    this.#links = links;
    this[Symbol.dispose]();
    removeAtExit(() => this[Symbol.dispose]());
    addNamespace(CORE);
    addNamespace(`${PREFIX}0`);
    connect([CORE, "origin"], [`${PREFIX}0`, "eth0"]);
    address(CORE, "origin", `${CORE_ADDRESS}/24`);
    address(`${PREFIX}0`, "eth0", `${ORIGIN_ADDRESS}/24`);
    ip("-n", `${PREFIX}0`, "route", "add", "default", "via", CORE_ADDRESS);
    shape(CORE, "origin", links.originMbit, 0);
    shape(`${PREFIX}0`, "eth0", links.originMbit, 0);
    for (let site = 0; site < links.sites; site++) this.#addSite(site);
  }

  /** The hosts of a site; the origin is host 0. */
  hosts(site: number): number[] {
    const { machinesEach } = this.#links;
    return Array.from({ length: machinesEach }, (_, index) => 1 + site * machinesEach + index);
  }

  address(host: number): string {
    const { machinesEach } = this.#links;
    return host === 0
      ? ORIGIN_ADDRESS
      : `10.79.${1 + Math.floor((host - 1) / machinesEach)}.${10 + ((host - 1) % machinesEach)}`;
  }

  /** A command's words, so that it runs on the host. */
  on(host: number | "core", words: readonly string[]): string[] {
    return ["ip", "netns", "exec", host === "core" ? CORE : `${PREFIX}${host}`, ...words];
  }

  /** Bytes that have passed a site's link, headers included. */
  passed(site: number): { readonly in: number; readonly out: number } {
    return { in: sent(CORE, `site${site}`), out: sent(`${PREFIX}r${site}`, "wan") };
  }

  originSent(): number {
    return sent(`${PREFIX}0`, "eth0");
  }

  [Symbol.dispose](): void {
    const listed = execFileSync("ip", ["netns", "list"], { encoding: "utf8" });
    for (const line of listed.split("\n")) {
      const name = line.split(" ")[0] ?? "";
      if (new RegExp(`^${PREFIX}(core|r?\\d+)$`).test(name)) ip("netns", "del", name);
    }
  }

  #addSite(site: number): void {
    const router = `${PREFIX}r${site}`;
    const { siteMbit, delayMs } = this.#links;
    addNamespace(router);
    connect([CORE, `site${site}`], [router, "wan"]);
    address(CORE, `site${site}`, `10.79.${200 + site}.1/30`);
    address(router, "wan", `10.79.${200 + site}.2/30`);
    ip("-n", CORE, "route", "add", `10.79.${1 + site}.0/24`, "via", `10.79.${200 + site}.2`);
    ip("-n", router, "route", "add", "default", "via", `10.79.${200 + site}.1`);
    shape(CORE, `site${site}`, siteMbit, delayMs);
    shape(router, "wan", siteMbit, delayMs);
    ip("-n", router, "link", "add", "br0", "type", "bridge", "mcast_snooping", "0");
    address(router, "br0", `10.79.${1 + site}.1/24`);
    for (const host of this.hosts(site)) {
      const name = `${PREFIX}${host}`;
      addNamespace(name);
      connect([router, `p${host}`], [name, "eth0"]);
      ip("-n", router, "link", "set", `p${host}`, "master", "br0");
      address(name, "eth0", `${this.address(host)}/24`);
      ip("-n", name, "route", "add", "default", "via", `10.79.${1 + site}.1`);
      shape(router, `p${host}`, INSIDE_MBIT, 0);
      shape(name, "eth0", INSIDE_MBIT, 0);
    }
  }
}

function addNamespace(name: string): void {
  ip("netns", "add", name);
  ip("-n", name, "link", "set", "lo", "up");
  run("ip", ["netns", "exec", name, "sysctl", "-q", "-w", "net.ipv4.ip_forward=1"]);
}

function connect(one: readonly [name: string, port: string], other: readonly [name: string, port: string]): void {
  ip("link", "add", one[1], "netns", one[0], "type", "veth", "peer", "name", other[1], "netns", other[0]);
  for (const [name, port] of [one, other]) ip("-n", name, "link", "set", port, "up");
}

function address(name: string, port: string, cidr: string): void {
  ip("-n", name, "addr", "add", cidr, "dev", port);
  ip("-n", name, "link", "set", port, "up");
}

/** The token bucket's burst is what a tick of the kernel passes at that rate, and at least a few large packets. */
function shape(name: string, port: string, mbit: number, delayMs: number): void {
  const tbf = ["rate", `${mbit}mbit`, "burst", mbit >= 500 ? "512kb" : "64kb", "latency", "100ms"];
  tc(name, "add", "dev", port, "root", "handle", "1:", "tbf", ...tbf);
  if (delayMs > 0) tc(name, "add", "dev", port, "parent", "1:", "netem", "delay", `${delayMs}ms`, "limit", "10000");
}

/** By the shaper's own count, which has the headers of each packet also where the kernel joins packets into one. */
function sent(name: string, port: string): number {
  const words = ["netns", "exec", name, "tc", "-s", "-j", "qdisc", "show", "dev", port, "root"];
  const [bucket] = JSON.parse(execFileSync("ip", words, { encoding: "utf8" })) as [{ bytes: number }];
  return bucket.bytes;
}

function tc(name: string, ...words: string[]): void {
  run("ip", ["netns", "exec", name, "tc", "qdisc", ...words]);
}

function ip(...words: string[]): void {
  run("ip", words);
}

function run(command: string, words: readonly string[]): void {
  execFileSync(command, words, { stdio: ["ignore", "ignore", "inherit"] });
}
