// One release from us to a stock client and from it to us, by one way of finding each other.

import assert from "node:assert/strict";
import { copyFileSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import type { ClientKind, Way } from "../processes/clients/catalogue.ts";
import type { StockClient } from "../processes/clients/stock-client.ts";
import type { Network } from "../processes/network.ts";
import { Upswarm } from "../processes/upswarm.ts";
import type { GetResult } from "../processes/upswarm.ts";
import type { Release } from "./release.ts";

export type TransferWay = Exclude<Way, "web seed" | "peer exchange">;

export const transferWays: readonly TransferWay[] = [
  "HTTP tracker",
  "UDP tracker",
  "magnet link",
  "local discovery",
  "IPv6",
];

export const TRACKER_PORT = 6969;
export const CLIENT_PORT = 7001;

/** The trackers of a way. Ours listens on the switch. */
export function trackersOf(way: Way, network: Network): readonly string[] {
  const at = `${network.address(0)}:${TRACKER_PORT}`;
  if (way === "local discovery") return [];
  if (way === "UDP tracker") return [`udp://${at}/announce`];
  if (way === "IPv6") return [`http://[${network.address6(0)}]:${TRACKER_PORT}/announce`];
  return [`http://${at}/announce`];
}

export interface Ends {
  readonly network: Network;
  readonly kind: ClientKind;
  readonly release: Release;
  /** Hosts of the network. */
  readonly ours: number;
  readonly theirs: number;
}

/** The client has everything; we download from it. */
export async function fromThem(ends: Ends, way: TransferWay): Promise<void> {
  const { network, kind, release, ours } = ends;
  const torrents = release.torrents({ trackers: trackersOf(way, network) });
  const folder = join(release.folder, "theirs");
  mkdirSync(folder);
  copyFileSync(release.path, join(folder, release.name));
  const into = join(release.folder, "ours");
  const source = way === "magnet link" ? torrents.magnet[kind.takes] : torrents.hybrid;
  // As a seed aria2 connects to nobody, and speaks on the local network when it starts and then not for minutes: so it is
  // there first, for a tracker to know it, and otherwise comes second.
  const isFirst = way !== "local discovery";
  await using early = isFirst ? startClient(ends, way, torrents[kind.takes], folder, true) : null;
  await using getting = new Upswarm(["get", source, "-o", into, ...listenOptions(way)], network.on(ours));
  if (early === null) await getting.progress(() => true);
  await using _late = early ?? startClient(ends, way, torrents[kind.takes], folder, true);
  const { bytes } = await getting.result<GetResult>();
  assert.deepEqual([bytes.sitePeers + bytes.otherPeers, bytes.hashFailed], [release.lengthBytes, 0]);
  assert.equal(release.receivedIn(into), release.sha256);
}

/** We have everything; the client downloads from us. */
export async function toThem(ends: Ends, way: TransferWay): Promise<void> {
  const { network, kind, release, ours } = ends;
  const torrents = release.torrents({ trackers: trackersOf(way, network) });
  const argv = ["seed", torrents.hybrid, release.path, "--twin", torrents.twin, ...listenOptions(way)];
  await using seeding = new Upswarm(argv, network.on(ours));
  await seeding.object(0);
  const folder = join(release.folder, "to-them");
  const magnet = torrents.magnet[kind.magnetByV1 === true ? "v1" : kind.takes];
  const source = way === "magnet link" ? magnet : torrents[kind.takes];
  await using client = startClient(ends, way, source, folder, false);
  await client.complete();
  await client.settle();
  assert.equal(release.receivedIn(folder), release.sha256);
  const { uploadedBytes } = await seeding.stop<{ uploadedBytes: number }>();
  assert.ok(uploadedBytes >= release.lengthBytes, `sent ${uploadedBytes}`);
}

function startClient(
  { network, kind, theirs }: Ends,
  way: Way,
  source: string,
  folder: string,
  isSeed: boolean,
): StockClient {
  const localDiscovery = way === "local discovery";
  return kind.start({ on: network.on(theirs), source, folder, port: CLIENT_PORT, isSeed, localDiscovery });
}

function listenOptions(way: Way): readonly string[] {
  return ["--listen", ":7000", "--local-discovery", way === "local discovery" ? "on" : "off"];
}
