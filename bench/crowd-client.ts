// What each client of the crowd bench is started with. Every machine prints one line when its download is verified.

import { chmodSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { libtorrentVersion, PYTHON, upswarm, versionOf } from "./processes.ts";
import { OURS } from "./report.ts";

export interface CrowdPlace {
  readonly folder: string;
  readonly payload: string;
  /** The hybrid metainfo, and its v1 twin for clients that do not speak v2. */
  readonly torrent: string;
  readonly twin: string;
}

export interface CrowdClient {
  readonly client: string;
  readonly version: string;
  readonly usesTwin: boolean;
  /** The origin prints a line when it serves. */
  readonly saysReady: boolean;
  seed(place: CrowdPlace, address: string): string[];
  get(place: CrowdPlace, address: string, target: string): string[];
}

const PORT = 6881;
const HOST = [PYTHON, join(import.meta.dirname, "libtorrent-crowd.py")];
const OUR_COMMAND = [process.execPath, upswarm];

/** Those that are there; stderr says how to get the others. */
export function crowdClients(): CrowdClient[] {
  const libtorrentFound = libtorrentVersion();
  const aria2Found = versionOf(["aria2c", "--version"], /aria2 version (\S+)/, "apt-get install aria2");
  return [
    ours,
    ...(libtorrentFound === null
      ? []
      : [libtorrent("libtorrent", libtorrentFound), libtorrent("libtorrent-super", libtorrentFound)]),
    ...(aria2Found === null ? [] : [aria2(aria2Found)]),
  ];
}

const ours: CrowdClient = {
  client: OURS,
  version: "this tree",
  usesTwin: false,
  saysReady: true,
  seed: ({ torrent, payload }, address) => {
    const words = [...OUR_COMMAND, "seed", torrent, payload, "--super", "--no-verify", "--json", "--quiet"];
    return [...words, "--listen", `${address}:${PORT}`];
  },
  get: ({ torrent }, address, target) => {
    const words = [...OUR_COMMAND, "get", torrent, "-o", target, "--seed-for", "forever", "--json", "--quiet"];
    return [...words, "--listen", `${address}:${PORT}`];
  },
};

function libtorrent(client: string, version: string): CrowdClient {
  return {
    client,
    version,
    usesTwin: false,
    saysReady: true,
    seed: ({ torrent, payload }, address) => [...HOST, "seed", torrent, dirname(payload), address, client],
    get: ({ torrent }, address, target) => [...HOST, "get", torrent, target, address, client],
  };
}

function aria2(version: string): CrowdClient {
  return {
    client: "aria2",
    version,
    usesTwin: true,
    saysReady: false,
    seed: ({ twin, payload }) => [...aria2Words(dirname(payload)), "--bt-seed-unverified=true", twin],
    get: ({ twin, folder }, _address, target) => {
      const hook = join(folder, "done.sh");
      writeFileSync(hook, "#!/bin/sh\necho done\n");
      chmodSync(hook, 0o755);
      return [...aria2Words(target), `--on-bt-download-complete=${hook}`, twin];
    },
  };
}

function aria2Words(directory: string): string[] {
  return [
    "aria2c",
    "--no-conf",
    "--quiet",
    "--enable-dht=false",
    "--enable-dht6=false",
    "--file-allocation=none",
    "--seed-ratio=0.0",
    `--listen-port=${PORT}`,
    `--dir=${directory}`,
  ];
}
