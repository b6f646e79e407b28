// Hosts of their own on this machine, for what loopback cannot show: clients that refuse 127.0.0.0/8, multicast, IPv6, who
// connected to whom. Each is a network namespace with one link to a switch. Needs root and iproute2 (`missing`).
// Invariant: no packet leaves the switch, and what was made is removed with its owner, or by the next one where that died.

import { execFileSync, spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import type { On } from "./clients/stock-client.ts";

const PREFIX = "uph";
const SUBNET = "10.77";
const SUBNET_V6 = "fd77::";

export class Network implements Disposable {
  readonly #name = `${PREFIX}${process.pid}`;
  readonly #hosts: string[] = [];

  constructor() {
    removeDead();
    this.#hosts.push(`${this.#name}s`);
    const name = this.#hosts[0] ?? "";
    ip(["netns", "add", name]);
    // Without snooping the bridge sends multicast everywhere; frames between ports are not for a packet filter to look at.
    ipIn(name, [
      "link set lo up",
      "link add br0 type bridge mcast_snooping 0 forward_delay 0",
      ...addresses(0, "br0"),
      "link set br0 up",
    ]);
    process.once("exit", () => this[Symbol.dispose]());
  }

  /** A new host, by its number from 1 on. 0 is the switch, where trackers and servers run. */
  addHost(): number {
    const number = this.#hosts.length;
    const name = `${this.#name}h${number}`;
    const port = `p${number}`;
    this.#hosts.push(name);
    ip(["netns", "add", name]);
    ip(["link", "add", "eth0", "netns", name, "type", "veth", "peer", "name", port, "netns", this.#hosts[0] ?? ""]);
    ipIn(name, ["link set lo up", ...addresses(number, "eth0"), "link set eth0 up"]);
    // Some clients take a machine without a default route for one that is offline. The switch forwards nothing.
    ipIn(name, [`route add default via ${this.address(0)}`]);
    ipIn(this.#hosts[0] ?? "", [`link set ${port} master br0 up`]);
    return number;
  }

  address(host: number): string {
    return `${SUBNET}.0.${host + 1}`;
  }

  address6(host: number): string {
    return `${SUBNET_V6}${host + 1}`;
  }

  on(host: number): On {
    return (words) => ["ip", "netns", "exec", this.#hosts[host] ?? "", ...words];
  }

  /** Nobody can connect to this port of the host any more, as behind a router; it can still connect to others. */
  closePort(host: number, port: number): void {
    const rule = `rule add ipproto tcp sport ${port} prohibit`;
    ipIn(this.#hosts[host] ?? "", [rule]);
    ip(["-n", this.#hosts[host] ?? "", "-6", ...rule.split(" ")]);
  }

  /** The cable between a host and the switch, in or out. */
  setCable(host: number, isIn: boolean): void {
    ipIn(this.#hosts[0] ?? "", [`link set p${host} ${isIn ? "up" : "down"}`]);
  }

  [Symbol.dispose](): void {
    for (const name of this.#hosts.splice(0)) ip(["netns", "del", name]);
  }
}

function addresses(host: number, device: string): readonly string[] {
  return [
    `addr add ${SUBNET}.0.${host + 1}/16 dev ${device}`,
    `addr add ${SUBNET_V6}${host + 1}/64 dev ${device} nodad`,
  ];
}

function ip(words: readonly string[], input = ""): void {
  execFileSync("ip", words, { input, stdio: ["pipe", "ignore", "inherit"] });
}

function ipIn(name: string, lines: readonly string[]): void {
  ip(["-n", name, "-batch", "-"], lines.join("\n"));
}

/** Of runs that were killed before they could remove their own. */
function removeDead(): void {
  const listed = execFileSync("ip", ["netns", "list"], { encoding: "utf8" });
  for (const [name, pid] of listed.matchAll(new RegExp(`^${PREFIX}(\\d+)(?:s|h\\d+)\\b`, "gm"))) {
    // Another run may be removing it just now.
    if (!existsSync(`/proc/${pid}`)) spawnSync("ip", ["netns", "del", name]);
  }
}
