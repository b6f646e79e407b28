// Which stock clients and trackers this machine has, by version. A test whose client is missing says so and is skipped.

import { spawnSync } from "node:child_process";
import { existsSync, globSync, readFileSync } from "node:fs";
import { join } from "node:path";

/** Debian's package belongs to Debian's Python, which need not be the first one in PATH. */
export const python: string =
  ["/usr/bin/python3", "python3"].find((command) => versionOfLibtorrent(command) !== null) ?? "python3";

export type Program =
  | "libtorrent"
  | "aria2"
  | "qBittorrent"
  | "Transmission"
  | "rTorrent"
  | "WebTorrent"
  | "bittorrent-tracker"
  | "opentracker"
  | "iproute2"
  | "faketime";

export const installed: Readonly<Record<Program, string | null>> = {
  libtorrent: versionOfLibtorrent(python),
  aria2: versionIn(/aria2 version (\S+)/, "aria2c", "--version"),
  qBittorrent: versionIn(/v(\d\S+)/, "qbittorrent-nox", "--version"),
  Transmission: versionIn(/transmission-cli (\d\S+)/, "transmission-cli", "--version"),
  rTorrent: versionIn(/version (\d[\d.]*\d)/, "rtorrent", "-h"),
  WebTorrent: npmVersion("webtorrent"),
  "bittorrent-tracker": npmVersion("bittorrent-tracker"),
  opentracker: versionIn(/(Usage): opentracker/, "opentracker", "-h"),
  iproute2: process.getuid?.() === 0 ? versionIn(/iproute2-(\S+?),/, "ip", "-V") : null,
  faketime: fakeTimeLibrary(),
};

const packages: Readonly<Record<Program, string>> = {
  libtorrent: "python3-libtorrent",
  aria2: "aria2",
  qBittorrent: "qbittorrent-nox",
  Transmission: "transmission-cli",
  rTorrent: "rtorrent",
  WebTorrent: "webtorrent (from npm, in the folder that UPSWARM_BENCH_PEERS names)",
  "bittorrent-tracker": "bittorrent-tracker (from npm, in the folder that UPSWARM_BENCH_PEERS names)",
  opentracker: "opentracker",
  iproute2: "iproute2, and root's rights for network namespaces",
  faketime: "faketime",
};

/** For the `skip` of a test: false, or why it cannot run. */
export function missing(...names: readonly Program[]): string | false {
  const absent = names.filter((name) => installed[name] === null);
  return absent.length === 0 ? false : `not installed: ${absent.map((name) => packages[name]).join(", ")}`;
}

/** Peers from npm are never dependencies of ours: they are looked for in the folder that UPSWARM_BENCH_PEERS names. */
export function npmFolder(name: string): string {
  return join(process.env["UPSWARM_BENCH_PEERS"] ?? "", "node_modules", name);
}

/** The library that the clock of a process is set with; the folder has the machine's name in it. */
export function fakeTimeLibrary(): string | null {
  return globSync("/usr/lib/*/faketime/libfaketimeMT.so.1")[0] ?? null;
}

function npmVersion(name: string): string | null {
  const path = join(npmFolder(name), "package.json");
  if ((process.env["UPSWARM_BENCH_PEERS"] ?? "") === "" || !existsSync(path)) return null;
  return (JSON.parse(readFileSync(path, "utf8")) as { version: string }).version;
}

function versionOfLibtorrent(command: string): string | null {
  return versionIn(/^(\d[\d.]+)$/m, command, "-c", "import libtorrent; print(libtorrent.__version__)");
}

/** The first group of `pattern` in what the command prints. Some print their help and end with an error. */
function versionIn(pattern: RegExp, command: string, ...argv: readonly string[]): string | null {
  const { stdout, stderr } = spawnSync(command, argv, { encoding: "utf8", timeout: 20_000 });
  return pattern.exec(`${stdout ?? ""}${stderr ?? ""}`)?.[1] ?? null;
}
