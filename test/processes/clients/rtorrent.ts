// rTorrent without its screen. It has neither local discovery nor web seeds, and says that it is done by a command that it
// is told to run then.

import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { StockClient } from "./stock-client.ts";
import type { ClientOptions } from "./stock-client.ts";

export class RTorrent extends StockClient {
  readonly #told: string;

  constructor({ on, source, folder, port, peerExchange = false }: ClientOptions) {
    const session = `${folder}.rtorrent`;
    for (const path of [folder, session]) mkdirSync(path, { recursive: true });
    const told = join(session, "complete");
    const settings = join(session, "rtorrent.rc");
    writeFileSync(
      settings,
      `system.daemon.set = true
session.path.set = "${session}"
directory.default.set = "${folder}"
network.port_range.set = ${port}-${port}
network.port_random.set = no
dht.mode.set = disable
protocol.pex.set = ${peerExchange ? "yes" : "no"}
trackers.use_udp.set = yes
method.set_key = event.download.finished,tell,"execute.nothrow=touch,${told}"
load.start = "${source}"
`,
    );
    const [command = "", ...argv] = on(["rtorrent", "-n", "-o", `import=${settings}`]);
    super("rtorrent", command, argv);
    this.#told = told;
  }

  override async complete(): Promise<void> {
    await this.untilExists(this.#told);
  }
}
