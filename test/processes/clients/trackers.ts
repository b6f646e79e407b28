// Trackers of others: opentracker (in C) and bittorrent-tracker (from npm), each for one info-hash or for all.

import { chmodSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { Child } from "../child.ts";
import { scratchFolder } from "../payloads.ts";
import { npmFolder } from "./installed.ts";

const withoutWebRtc = fileURLToPath(new URL("without-webrtc.js", import.meta.url));

/** Debian's knows the torrents of a list alone. It drops root's rights, so its folder is for everybody to read. */
export function opentracker(port: number, infoHashes: readonly string[]): Child {
  const folder = scratchFolder();
  writeFileSync(join(folder, "list"), infoHashes.map((infoHash) => `${infoHash}\n`).join(""));
  chmodSync(folder, 0o755);
  const at = ["-i", "127.0.0.1", "-p", String(port), "-P", String(port)];
  return new Child("opentracker", "opentracker", [...at, "-d", folder, "-w", "list"]);
}

export function bittorrentTracker(port: number): Child {
  const command = join(npmFolder("bittorrent-tracker"), "bin", "cmd.js");
  const hosts = ["--http-hostname", "127.0.0.1", "--udp-hostname", "127.0.0.1"];
  const argv = ["--import", withoutWebRtc, command, "--http", "--udp", "--port", String(port), ...hosts];
  return new Child("bittorrent-tracker", process.execPath, argv);
}
