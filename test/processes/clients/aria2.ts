// aria2. It knows no way to be told a peer but a tracker, and web seeds only as URLs of their own.

import assert from "node:assert/strict";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { here, StockClient } from "./stock-client.ts";
import type { On } from "./stock-client.ts";

export interface Aria2Options {
  readonly on?: On;
  /** A .torrent or a magnet link. */
  readonly torrent: string;
  readonly folder: string;
  readonly port: number;
  /** It has the files and serves until killed; otherwise it ends when it has them. */
  readonly seed?: boolean;
  /** UDP trackers go through its DHT socket: without DHT it has none. It is told no node, so that it asks nobody. */
  readonly udp?: boolean;
  readonly localDiscovery?: boolean;
  readonly peerExchange?: boolean;
}

export class Aria2 extends StockClient {
  constructor(options: Aria2Options) {
    const { on = here, torrent, folder, port, seed = false, udp = false } = options;
    const { localDiscovery = false, peerExchange = false } = options;
    mkdirSync(folder, { recursive: true });
    const [command = "", ...argv] = on([
      "aria2c",
      "--no-conf",
      `--enable-dht=${udp}`,
      `--dht-file-path=${join(folder, "dht.dat")}`,
      `--dht-listen-port=${port}`,
      "--enable-dht6=false",
      `--enable-peer-exchange=${peerExchange}`,
      `--bt-enable-lpd=${localDiscovery}`,
      `--listen-port=${port}`,
      `--dir=${folder}`,
      "--summary-interval=0",
      "--console-log-level=notice",
      "--file-allocation=none",
      "--disable-ipv6=false",
      ...(seed ? ["--bt-seed-unverified=true", "--seed-ratio=0.0"] : ["--seed-time=0"]),
      torrent,
    ]);
    super("aria2c", command, argv);
  }

  override async complete(): Promise<void> {
    assert.equal(await this.end(), 0, this.lines.slice(-20).join("\n"));
  }

  /** It has ended. */
  override async settle(): Promise<void> {}
}
