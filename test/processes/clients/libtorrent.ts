// libtorrent 2, by Debian's python3-libtorrent: one client, or one torrent that it makes.

import { mkdirSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { Child } from "../child.ts";
import { python } from "./installed.ts";
import { here, StockClient } from "./stock-client.ts";
import type { On } from "./stock-client.ts";

const script = fileURLToPath(new URL("libtorrent_peer.py", import.meta.url));

export interface LibtorrentOptions {
  readonly on?: On;
  readonly torrent?: string;
  readonly magnet?: string;
  readonly folder: string;
  /** It has the files: it checks nothing and serves. */
  readonly seed?: boolean;
  readonly listen?: string;
  /** HOST:PORT */
  readonly peers?: readonly string[];
  readonly trackers?: readonly string[];
  readonly localDiscovery?: boolean;
}

interface LibtorrentEvent {
  readonly event: string;
  readonly port?: number;
  readonly message?: string;
}

export class Libtorrent extends StockClient {
  constructor({ on = here, ...options }: LibtorrentOptions) {
    const peers = options.peers?.map((peer) => {
      const at = peer.lastIndexOf(":");
      return [peer.slice(0, at).replace(/^\[|\]$/g, ""), Number(peer.slice(at + 1))];
    });
    mkdirSync(options.folder, { recursive: true });
    const words = [python, script, JSON.stringify({ mode: "transfer", ...options, peers })];
    const [command = "", ...argv] = on(words);
    super("libtorrent", command, argv);
  }

  override async complete(): Promise<void> {
    await this.event("finished");
  }

  /** It says "finished" only when all is written. */
  override async settle(): Promise<void> {
    await this[Symbol.asyncDispose]();
  }

  event(name: string): Promise<LibtorrentEvent> {
    return this.until(name, () => this.events().find(({ event }) => event === name));
  }

  events(): LibtorrentEvent[] {
    return this.lines.map((line) => JSON.parse(line) as LibtorrentEvent);
  }

  /** HOST:PORT */
  async listen(): Promise<string> {
    return `127.0.0.1:${(await this.event("listening")).port}`;
  }
}

export interface LibtorrentCreated {
  readonly infoHashV1: string | null;
  readonly infoHashV2: string | null;
}

/** `files`: paths from the folder that `path` lies in, in the torrent's order. */
export async function createByLibtorrent(options: {
  path: string;
  files: readonly string[];
  version: "1" | "2" | "hybrid";
  pieceLengthBytes: number;
  output?: string;
}): Promise<LibtorrentCreated> {
  await using child = new Child("libtorrent", python, [script, JSON.stringify({ mode: "create", ...options })]);
  return await child.until("info-hashes", ({ lines: [line] }) =>
    line === undefined ? undefined : (JSON.parse(line) as LibtorrentCreated),
  );
}
