// One WebTorrent client as a process: options as JSON in the first argument. It prints "complete" when it has everything,
// and ends on SIGTERM. without-webrtc.js is loaded before it.

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

const { module, source, folder, port, localDiscovery = false, peerExchange = false } = JSON.parse(process.argv[2]);
const { default: WebTorrent } = await import(pathToFileURL(join(module, "index.js")).href);
const client = new WebTorrent({
  dht: false,
  lsd: localDiscovery,
  natUpnp: false,
  natPmp: false,
  // Otherwise it speaks first in protocol encryption, and does not fall back where the other end does not know it.
  secure: 0,
  torrentPort: port,
  utp: false,
  utPex: peerExchange,
});
client.on("error", (error) => {
  console.error(error);
  process.exit(1);
});
const torrent = client.add(source.startsWith("magnet:") ? source : readFileSync(source), { path: folder });
torrent.on("warning", (warning) => console.error(String(warning)));
torrent.on("done", () => console.log("complete"));
process.on("SIGTERM", () => client.destroy(() => process.exit(0)));
