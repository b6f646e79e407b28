// The trackers of the bench, each as it comes and pinned to the first core, and a bare responder beside them.

import { chmodSync, rmSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { once } from "node:events";
import type { ChildProcess } from "node:child_process";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { benchFolder } from "./leave-nothing.ts";
import { end, firstLine, npmPeer, start, upswarm, versionOf } from "./processes.ts";
import { OURS } from "./report.ts";
import { infoHashOf } from "./tracker-crowd.ts";
import type { LoadTask } from "./tracker-load.ts";

export interface Subject {
  readonly client: string;
  readonly version: string;
  /** It answers each connection once. */
  readonly closes: boolean;
  /** More take minutes to announce. */
  readonly peersMax: number;
  /** Has no table to fill. */
  readonly isBare: boolean;
  readonly open: (port: number, torrents: number) => Promise<ChildProcess>;
}

const HOST = "127.0.0.1";

export function trackerSubjects(): Subject[] {
  const ours = { client: OURS, version: "", closes: false, peersMax: Infinity, isBare: false };
  const responder = join(import.meta.dirname, "tracker-bare.ts");
  return [
    {
      ...ours,
      open: async (port) =>
        await ready(node(upswarm, "tracker", "--http", `${HOST}:${port}`, "--udp", `${HOST}:${port}`, "--json")),
    },
    ...opentracker(),
    ...bittorrentTracker(),
    {
      ...ours,
      client: "bare Node.js responder",
      isBare: true,
      open: async (port) => await ready(node(responder, String(port))),
    },
  ];
}

export function canDo({ closes, isBare }: Subject, task: LoadTask): boolean {
  if (isBare) return task !== "fill";
  return !closes || !task.startsWith("http") || task === "http-announce-close";
}

function opentracker(): Subject[] {
  const version = versionOf(["dpkg", "-s", "opentracker"], /^Version: (.*)$/m, "apt-get install opentracker");
  if (version === null) return [];
  return [{ client: "opentracker", version, closes: true, peersMax: Infinity, isBare: false, open: openOpentracker }];
}

/** Debian's build serves listed info-hashes alone. It reads the list inside the folder that it locks itself into. */
async function openOpentracker(port: number, torrents: number): Promise<ChildProcess> {
  const folder = benchFolder(join(tmpdir(), "upswarm-bench-"));
  chmodSync(folder, 0o755);
  const list = Array.from({ length: torrents }, (_, torrent) => `${infoHashOf(torrent)}\n`);
  writeFileSync(join(folder, "allowed"), list.join(""));
  const child = pinned("opentracker", "-i", HOST, "-p", `${port}`, "-P", `${port}`, "-d", folder, "-w", "allowed");
  child.once("close", () => rmSync(folder, { recursive: true, force: true }));
  await answers(port);
  return child;
}

/** Without WebRTC, whose binary does not install everywhere, and which is no part of this. */
function bittorrentTracker(): Subject[] {
  const peer = npmPeer("bittorrent-tracker");
  if (peer === null) return [];
  const server = pathToFileURL(join(peer.folder, "server.js")).href;
  const open = async (port: number): Promise<ChildProcess> => {
    const script = `
      import Server from ${JSON.stringify(server)};
      const server = new Server({ ws: false, stats: false });
      server.on("warning", () => {});
      server.listen(${port}, { http: "${HOST}", udp: "${HOST}", udp6: "::1" }, () => console.log("ready"));`;
    return await ready(node("--input-type=module", "-e", script));
  };
  return [
    { client: "bittorrent-tracker", version: peer.version, closes: false, peersMax: 100_000, isBare: false, open },
  ];
}

function node(...args: readonly string[]): ChildProcess {
  return pinned(process.execPath, ...args);
}

function pinned(...command: readonly string[]): ChildProcess {
  return start("taskset", ["-c", "0", ...command]);
}

async function ready(child: ChildProcess): Promise<ChildProcess> {
  try {
    await firstLine(child);
  } catch (error) {
    await end(child);
    throw error;
  }
  return child;
}

/** For a tracker that does not say when it listens. */
async function answers(port: number): Promise<void> {
  for (let attempt = 0; ; attempt++) {
    const socket = connect(port, HOST);
    try {
      await once(socket, "connect");
      return;
    } catch (error) {
      if (attempt === 200) throw error;
      await new Promise((resolve) => setTimeout(resolve, 20));
    } finally {
      socket.destroy();
    }
  }
}
