// One WebTorrent peer of the throughput bench: MODULE seed TORRENT DIR PORT prints "ready"; MODULE get TORRENT DIR PORT prints
// the seconds from the first connection to the end. MODULE is the folder of the package, which is no dependency of ours.

import { readFileSync } from "node:fs";
import { registerHooks } from "node:module";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

// WebRTC, which no peer uses here, wants a binary that is not there when the package came without its install scripts.
const noWebRtc = "export class RTCPeerConnection {}; export const [RTCSessionDescription, RTCIceCandidate] = [];";
registerHooks({
  resolve: (specifier, context, next) =>
    specifier === "webrtc-polyfill"
      ? { url: `data:text/javascript,${encodeURIComponent(noWebRtc)}`, shortCircuit: true }
      : next(specifier, context),
});

const [module, role, torrentFile, folder, port] = process.argv.slice(2);
const { default: WebTorrent } = await import(pathToFileURL(join(module, "index.js")).href);
const client = new WebTorrent({
  dht: false,
  lsd: false,
  tracker: false,
  utp: false,
  torrentPort: role === "seed" ? Number(port) : 0,
});
client.on("error", (error) => {
  console.error(error);
  process.exit(1);
});
const torrent = client.add(readFileSync(torrentFile), { path: folder, skipVerify: role === "seed", announce: [] });
torrent.on("ready", () => {
  if (role === "seed") {
    console.log("ready");
    return;
  }
  const begin = performance.now();
  torrent.addPeer(`127.0.0.1:${port}`);
  torrent.on("done", () => {
    console.log((performance.now() - begin) / 1_000);
    process.exit(0);
  });
});
