// Transmission 3, as transmission-cli. It refuses peers in 127.0.0.0/8 and hybrid torrents (docs/decisions), so it needs a
// host of its own and the v1 twin. It asks for a peer's pieces at its rechoke, every 10 s: each transfer takes that long.

import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { StockClient } from "./stock-client.ts";
import type { ClientOptions } from "./stock-client.ts";

export class Transmission extends StockClient {
  constructor(options: ClientOptions) {
    const { on, source, folder, port, localDiscovery = false, peerExchange = false } = options;
    const settings = `${folder}.transmission`;
    for (const path of [folder, settings]) mkdirSync(path, { recursive: true });
    writeFileSync(
      join(settings, "settings.json"),
      JSON.stringify({
        "dht-enabled": false,
        "lpd-enabled": localDiscovery,
        "pex-enabled": peerExchange,
        "port-forwarding-enabled": false,
        "utp-enabled": false,
        "rpc-enabled": false,
      }),
    );
    const words = ["transmission-cli", "-M", "-g", settings, "-w", folder, "-p", String(port), source];
    const [command = "", ...argv] = on(words);
    super("transmission-cli", command, argv);
  }

  override async complete(): Promise<void> {
    await this.until("Seeding", ({ lines }) => lines.find((line) => line.startsWith("Seeding")));
  }
}
