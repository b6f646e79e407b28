// WebTorrent in Node.js, from npm (installed.ts). Without WebRTC: its binary is not built where install scripts are not run.

import { mkdirSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { npmFolder } from "./installed.ts";
import { StockClient } from "./stock-client.ts";
import type { ClientOptions } from "./stock-client.ts";

const script = fileURLToPath(new URL("webtorrent-peer.js", import.meta.url));
const withoutWebRtc = fileURLToPath(new URL("without-webrtc.js", import.meta.url));

export class WebTorrent extends StockClient {
  constructor({ on, ...options }: ClientOptions) {
    mkdirSync(options.folder, { recursive: true });
    const module = npmFolder("webtorrent");
    const peer = [script, JSON.stringify({ module, ...options })];
    const [command = "", ...argv] = on([process.execPath, "--import", withoutWebRtc, ...peer]);
    super("webtorrent", command, argv);
  }

  override async complete(): Promise<void> {
    await this.until("complete", ({ lines }) => (lines.includes("complete") ? true : undefined));
  }
}
