// Several hosts with slow links on this machine: network namespaces on one bridge, shaped by tc's token bucket. Delay is
// the cable's (delay-line.py, between two tap devices), loss a rule of nftables: few small virtual machines have sch_netem.
// Needs root and Debian's iproute2 and nftables. Removes what it made, also when the bench fails.

import { execFileSync, spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { join } from "node:path";
import { owned, removeAtExit } from "./leave-nothing.ts";
import { firstLine, PYTHON } from "./processes.ts";

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
const DELAY_LINE = join(import.meta.dirname, "delay-line.py");
const BURST = "64kb";
/** Larger ones than the bucket holds are cut up in software, frame by frame, which took a tenth of the CPU of a run. */
const PACKET_BYTES_MAX = "32768";
const QUEUE = "100ms";

/** What runs on the switch (tracker, sampler) is not behind anybody's slow link. Ports are called p0, p1, … */
export const SWITCH_ADDRESS = "10.78.255.1";
const SWITCH_MAC = "02:00:00:01:00:00";

export class Lab implements Disposable {
  /** The cables, where they have a delay. */
  #delayLine: ChildProcess | null = null;

  private constructor() {}

  static async open(hostCount: number, links: Links): Promise<Lab> {
    const lab = new Lab();
    try {
      await lab.#build(hostCount, links);
    } catch (error) {
      lab[Symbol.dispose]();
      throw error;
    }
    return lab;
  }

  async #build(hostCount: number, links: Links): Promise<void> {
    removeAll();
    removeAtExit(removeAll);
    ip("netns", "add", `${PREFIX}sw`);
    ip("-n", `${PREFIX}sw`, "link", "set", "lo", "up");
    ip("-n", `${PREFIX}sw`, "link", "add", "br0", "address", SWITCH_MAC, "type", "bridge");
    ip("-n", `${PREFIX}sw`, "addr", "add", `${SWITCH_ADDRESS}/16`, "dev", "br0");
    ip("-n", `${PREFIX}sw`, "link", "set", "br0", "up");
    // Frames between ports are not for this machine's packet filter to look at.
    this.#onSwitch("sysctl", "-q", "-w", "net.bridge.bridge-nf-call-iptables=0");
    const { delayMs = 0, jitterMs = 0 } = links;
    if (delayMs > 0) {
      const [command = "", ...args] = this.on("switch", [
        PYTHON,
        DELAY_LINE,
        ...[hostCount, delayMs, jitterMs].map(String),
      ]);
      this.#delayLine = owned(spawn(command, args, { stdio: ["pipe", "pipe", "inherit"] }));
      await firstLine(this.#delayLine);
    }
    for (let host = 0; host < hostCount; host++) this.#addHost(host, links);
    this.#introduceAll(hostCount);
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

  [Symbol.dispose](): void {
    this.#delayLine?.kill("SIGKILL");
    removeAll();
  }

  #onSwitch(...words: string[]): string {
    const [command = "", ...args] = this.on("switch", words);
    return execFileSync(command, args, { encoding: "utf8" });
  }

  #addHost(host: number, links: Links): void {
    const name = `${PREFIX}${host}`;
    const port = `p${host}`;
    const { lossPercent = 0 } = links;
    ip("netns", "add", name);
    if (this.#delayLine !== null) {
      ip("-n", `${PREFIX}sw`, "link", "set", `h${host}`, "netns", name);
      ip("-n", name, "link", "set", `h${host}`, "name", "eth0", "gso_max_size", PACKET_BYTES_MAX);
    } else {
      // A frame is lost, and not the 32 KiB that the kernel hands over in one.
      const cut = lossPercent > 0 ? ["gso_max_segs", "1"] : ["gso_max_size", PACKET_BYTES_MAX];
      ip("link", "add", "eth0", "netns", name, ...cut, "type", "veth", "peer", "name", port, "netns", `${PREFIX}sw`);
    }
    ip("-n", name, "link", "set", "lo", "up");
    ip("-n", name, "addr", "add", `${this.address(host)}/16`, "dev", "eth0");
    ip("-n", name, "link", "set", "eth0", "address", hardwareAddress(host), "up");
    ip("-n", `${PREFIX}sw`, "link", "set", port, "master", "br0", "up");
    const up = `${links.uplinkMbit(host)}mbit`;
    tc(name, "add", "dev", "eth0", "root", "tbf", "rate", up, "burst", BURST, "latency", QUEUE);
    if (lossPercent > 0) this.#loseFrames(port, lossPercent);
    const down = `${links.downlinkMbit}mbit`;
    tc(`${PREFIX}sw`, "add", "dev", port, "root", "tbf", "rate", down, "burst", BURST, "latency", QUEUE);
  }

  /**
   * Everybody knows everybody's hardware address. All namespaces share the kernel's one table of neighbours, which holds 1,024
   * that are found by asking: with forty hosts it ran over, and connections waited for a minute.
   */
  #introduceAll(hostCount: number): void {
    const hosts = Array.from({ length: hostCount }, (_, host) => host);
    const known = (host: number, device: string): string =>
      `neigh replace ${this.address(host)} lladdr ${hardwareAddress(host)} dev ${device} nud permanent`;
    batch(
      `${PREFIX}sw`,
      hosts.map((host) => known(host, "br0")),
    );
    const toSwitch = `neigh replace ${SWITCH_ADDRESS} lladdr ${SWITCH_MAC} dev eth0 nud permanent`;
    for (const host of hosts) {
      const others = hosts.filter((other) => other !== host).map((other) => known(other, "eth0"));
      batch(`${PREFIX}${host}`, [toSwitch, ...others]);
    }
  }

  /** Of the frames that come in at the port, which its uplink's bucket has let through. */
  #loseFrames(port: string, lossPercent: number): void {
    const rule = `numgen random mod 1000 < ${Math.round(lossPercent * 10)} drop`;
    const chain = `chain loss { type filter hook ingress device "${port}" priority 0; ${rule}\n}`;
    this.#onSwitch("nft", `table netdev ${port} { ${chain}\n}`);
  }
}

/** Locally administered (IEEE 802), one a host. */
function hardwareAddress(host: number): string {
  return `02:00:00:00:${byte(host >> 8)}:${byte(host & 255)}`;
}

function byte(value: number): string {
  return value.toString(16).padStart(2, "0");
}

function batch(namespace: string, lines: readonly string[]): void {
  execFileSync("ip", ["-n", namespace, "-batch", "-"], {
    input: lines.join("\n"),
    stdio: ["pipe", "ignore", "inherit"],
  });
}

function removeAll(): void {
  const listed = execFileSync("ip", ["netns", "list"], { encoding: "utf8" });
  for (const line of listed.split("\n")) {
    const name = line.split(" ")[0] ?? "";
    if (new RegExp(`^${PREFIX}(sw|\\d+)$`).test(name)) ip("netns", "del", name);
  }
}

function ip(...words: string[]): void {
  execFileSync("ip", words, { stdio: ["ignore", "ignore", "inherit"] });
}

function tc(namespace: string, ...words: string[]): void {
  execFileSync("ip", ["netns", "exec", namespace, "tc", "qdisc", ...words], { stdio: ["ignore", "ignore", "inherit"] });
}
