// Stock clients as processes: libtorrent 2 (Debian's python3-libtorrent) and aria2. Where one is not installed, that is
// said: `installed.libtorrent` and `installed.aria2` are its version, or null.

import { spawnSync } from "node:child_process";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { Child } from "./child.ts";

const script = fileURLToPath(new URL("libtorrent_peer.py", import.meta.url));

/** Debian's package belongs to Debian's Python, which need not be the first one in PATH. */
const python = ["/usr/bin/python3", "python3"].find((command) => versionOfLibtorrent(command) !== null) ?? "python3";

export const installed: { readonly libtorrent: string | null; readonly aria2: string | null } = {
  libtorrent: versionOfLibtorrent(python),
  aria2: /aria2 version (\S+)/.exec(outputOf("aria2c", ["--version"]))?.[1] ?? null,
};

/** For the `skip` of a test: false, or why it cannot run. */
export function missing(...names: (keyof typeof installed)[]): string | false {
  const absent = names.filter((name) => installed[name] === null);
  const packages = { libtorrent: "python3-libtorrent", aria2: "aria2" };
  return absent.length === 0 ? false : `not installed: ${absent.map((name) => packages[name]).join(", ")}`;
}

export interface LibtorrentOptions {
  readonly torrent?: string;
  readonly magnet?: string;
  readonly folder: string;
  /** It has the files: it checks nothing and serves. */
  readonly seed?: boolean;
  readonly listen?: string;
  /** HOST:PORT */
  readonly peers?: readonly string[];
  readonly trackers?: readonly string[];
}

interface LibtorrentEvent {
  readonly event: string;
  readonly port?: number;
  readonly message?: string;
}

export class Libtorrent extends Child {
  constructor(options: LibtorrentOptions) {
    const peers = options.peers?.map((peer) => {
      const at = peer.lastIndexOf(":");
      return [peer.slice(0, at).replace(/^\[|\]$/g, ""), Number(peer.slice(at + 1))];
    });
    mkdirSync(options.folder, { recursive: true });
    super("libtorrent", python, [script, JSON.stringify({ mode: "transfer", ...options, peers })]);
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

export interface Aria2Options {
  readonly torrent: string;
  readonly folder: string;
  readonly port: number;
  /** It has the files and serves until killed; otherwise it ends when it has them. */
  readonly seed?: boolean;
  /** UDP trackers go through its DHT socket: without DHT it has none. It is told no node, so that it asks nobody. */
  readonly udp?: boolean;
}

/** aria2 knows no way to be told a peer but a tracker. */
export class Aria2 extends Child {
  constructor(options: Aria2Options) {
    const { torrent, folder, port, seed = false, udp = false } = options;
    mkdirSync(folder, { recursive: true });
    super("aria2c", "aria2c", [
      "--no-conf",
      `--enable-dht=${udp}`,
      `--dht-file-path=${join(folder, "dht.dat")}`,
      `--dht-listen-port=${port}`,
      "--enable-dht6=false",
      "--enable-peer-exchange=false",
      "--bt-enable-lpd=false",
      `--listen-port=${port}`,
      `--dir=${folder}`,
      "--summary-interval=0",
      "--console-log-level=notice",
      "--file-allocation=none",
      ...(seed ? ["--bt-seed-unverified=true", "--seed-ratio=0.0"] : ["--seed-time=0"]),
      torrent,
    ]);
  }
}

function versionOfLibtorrent(command: string): string | null {
  return outputOf(command, ["-c", "import libtorrent; print(libtorrent.__version__)"]).trim() || null;
}

function outputOf(command: string, argv: readonly string[]): string {
  const { status, stdout } = spawnSync(command, argv, { encoding: "utf8", timeout: 20_000 });
  return status === 0 ? stdout : "";
}
