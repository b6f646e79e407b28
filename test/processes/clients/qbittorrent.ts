// qBittorrent without a window. It says that it is done by the program that it is told to run then.

import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { StockClient } from "./stock-client.ts";
import type { ClientOptions } from "./stock-client.ts";

export class QBittorrent extends StockClient {
  readonly #told: string;

  constructor(options: ClientOptions) {
    const { on, source, folder, isSeed = false } = options;
    const profile = `${folder}.qbittorrent`;
    const settings = join(profile, "qBittorrent", "config");
    for (const path of [folder, settings]) mkdirSync(path, { recursive: true });
    writeFileSync(join(settings, "qBittorrent.conf"), settingsOf(options, join(profile, "complete")));
    const argv = [`--profile=${profile}`, `--save-path=${folder}`, "--add-paused=false"];
    const words = ["qbittorrent-nox", ...argv, ...(isSeed ? ["--skip-hash-check"] : []), source];
    const [command = "", ...rest] = on(words);
    super("qbittorrent-nox", command, rest, { env: { ...process.env, HOME: profile } });
    this.#told = join(profile, "complete");
  }

  override async complete(): Promise<void> {
    await this.untilExists(this.#told);
  }
}

/** Its web interface cannot be switched off: each is on an address of its own, since their port is the same. */
function settingsOf({ port, localDiscovery = false, peerExchange = false }: ClientOptions, told: string): string {
  return `[LegalNotice]
Accepted=true

[AutoRun]
enabled=true
program=touch \\"${told}\\"

[BitTorrent]
Session\\AddTrackersEnabled=false
Session\\BTProtocol=TCP
Session\\DHTEnabled=false
Session\\LSDEnabled=${localDiscovery}
Session\\PeXEnabled=${peerExchange}
Session\\Port=${port}
Session\\QueueingSystemEnabled=false

[Network]
PortForwardingEnabled=false

[Preferences]
WebUI\\Address=127.0.${port >> 8}.${port & 255}
WebUI\\Enabled=false
WebUI\\UseUPnP=false
`;
}
