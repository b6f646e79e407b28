// Several hosts with slow links on this machine: network namespaces on one bridge, shaped by tc's token bucket.
// Needs root and Debian's iproute2. Removes what it made, also when the bench fails.

import { execFileSync, spawnSync } from "node:child_process";

export interface Links {
  /** Mbit/s that a host sends, by its number (0 is the origin). */
  readonly uplinkMbit: (host: number) => number;
  readonly downlinkMbit: number;
  /** Of each host's uplink; 0 for none. */
  readonly delayMs?: number;
  readonly jitterMs?: number;
  readonly lossPercent?: number;
}

const PREFIX = "upb";
const BURST = "64kb";
/** Larger ones than the bucket holds are cut up in software, frame by frame, which took a tenth of the CPU of a run. */
const PACKET_BYTES_MAX = "32768";
const QUEUE = "100ms";

/** What runs on the switch (tracker, sampler) is not behind anybody's slow link. Ports are called p0, p1, … */
export const SWITCH_ADDRESS = "10.78.255.1";

export class Lab implements Disposable {
  constructor(hostCount: number, links: Links) {
    this[Symbol.dispose]();
    ip("netns", "add", `${PREFIX}sw`);
    ip("-n", `${PREFIX}sw`, "link", "set", "lo", "up");
    ip("-n", `${PREFIX}sw`, "link", "add", "br0", "type", "bridge");
    ip("-n", `${PREFIX}sw`, "addr", "add", `${SWITCH_ADDRESS}/16`, "dev", "br0");
    ip("-n", `${PREFIX}sw`, "link", "set", "br0", "up");
    // Frames between ports are not for this machine's packet filter to look at.
    this.#onSwitch("sysctl", "-q", "-w", "net.bridge.bridge-nf-call-iptables=0");
    for (let host = 0; host < hostCount; host++) this.#addHost(host, links);
  }

  address(host: number): string {
    return `10.78.${host >> 7}.${(host & 127) + 10}`;
  }

  /** A command's words, so that it runs on the host. */
  on(host: number | "switch", words: readonly string[]): string[] {
    return ["ip", "netns", "exec", host === "switch" ? `${PREFIX}sw` : `${PREFIX}${host}`, ...words];
  }

  /** Bytes that the host has sent since its link was made, headers included. */
  sentBytes(host: number): number {
    return Number(this.#onSwitch("cat", `/sys/class/net/p${host}/statistics/rx_bytes`));
  }

  /** Delay and loss need the kernel's sch_netem, which small virtual machines often lack. */
  static hasNetem(): boolean {
    const name = `${PREFIX}sw`;
    ip("netns", "add", name);
    const words = ["netns", "exec", name, "tc", "qdisc", "add", "dev", "lo", "root", "netem", "delay", "1ms"];
    const tried = spawnSync("ip", words, { stdio: "ignore" });
    ip("netns", "del", name);
    return tried.status === 0;
  }

  [Symbol.dispose](): void {
    const listed = execFileSync("ip", ["netns", "list"], { encoding: "utf8" });
    for (const line of listed.split("\n")) {
      const name = line.split(" ")[0] ?? "";
      if (new RegExp(`^${PREFIX}(sw|\\d+)$`).test(name)) ip("netns", "del", name);
    }
  }

  #onSwitch(...words: string[]): string {
    const [command = "", ...args] = this.on("switch", words);
    return execFileSync(command, args, { encoding: "utf8" });
  }

  #addHost(host: number, links: Links): void {
    const name = `${PREFIX}${host}`;
    const port = `p${host}`;
    ip("netns", "add", name);
    const pair = ["type", "veth", "peer", "name", port, "netns", `${PREFIX}sw`];
    ip("link", "add", "eth0", "netns", name, "gso_max_size", PACKET_BYTES_MAX, ...pair);
    ip("-n", name, "link", "set", "lo", "up");
    ip("-n", name, "addr", "add", `${this.address(host)}/16`, "dev", "eth0");
    ip("-n", name, "link", "set", "eth0", "up");
    ip("-n", `${PREFIX}sw`, "link", "set", port, "master", "br0", "up");
    const { delayMs = 0, jitterMs = 0, lossPercent = 0 } = links;
    const up = `${links.uplinkMbit(host)}mbit`;
    tc(name, "add", "dev", "eth0", "root", "handle", "1:", "tbf", "rate", up, "burst", BURST, "latency", QUEUE);
    const loss = lossPercent > 0 ? ["loss", `${lossPercent}%`] : [];
    const delay = delayMs > 0 ? ["delay", `${delayMs}ms`, `${jitterMs}ms`] : [];
    if (loss.length + delay.length > 0)
      tc(name, "add", "dev", "eth0", "parent", "1:", "netem", ...delay, ...loss, "limit", "10000");
    const down = `${links.downlinkMbit}mbit`;
    tc(`${PREFIX}sw`, "add", "dev", port, "root", "tbf", "rate", down, "burst", BURST, "latency", QUEUE);
  }
}

function ip(...words: string[]): void {
  execFileSync("ip", words, { stdio: ["ignore", "ignore", "inherit"] });
}

function tc(namespace: string, ...words: string[]): void {
  execFileSync("ip", ["netns", "exec", namespace, "tc", "qdisc", ...words], { stdio: ["ignore", "ignore", "inherit"] });
}
