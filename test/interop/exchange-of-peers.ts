// Peer exchange (BEP 11) among three: a seed, a hub that is connected to it, and a newcomer that knows the hub alone and is
// told of the seed. The newcomer's port is closed, so that it is the one that has to connect: whoever connects has been
// told. The seed is slow, so that nobody is done before the exchange, which many clients do once in 60 to 90 s.

import { join } from "node:path";
import type { ClientKind } from "../processes/clients/catalogue.ts";
import type { Network } from "../processes/network.ts";
import { Upswarm } from "../processes/upswarm.ts";
import { CLIENT_PORT, TRACKER_PORT } from "./exchange.ts";
import type { Release } from "./release.ts";

const SLOW_RATE = "16KiB/s";
const OUR_PORT = 7000;
/** Transmission tells after 90 s, rTorrent sometimes only after four minutes. */
const DEADLINE_MS = 400_000;
const quiet = ["--local-discovery", "off", "--listen", `:${OUR_PORT}`];

interface Party {
  readonly network: Network;
  readonly kind: ClientKind;
  readonly release: Release;
}

/** The client is the hub: it tells us. */
export async function hearOfPeers({ network, kind, release }: Party): Promise<void> {
  const [seedHost, hubHost, newHost] = [network.addHost(), network.addHost(), network.addHost()];
  const torrents = release.torrents({ trackers: [trackerOf(network)] });
  await using seeding = await slowSeed(network, seedHost, torrents.hybrid, release);
  const source = torrents[kind.takes];
  const folder = join(release.folder, "hub");
  await using _hub = kind.start({ on: network.on(hubHost), source, folder, port: CLIENT_PORT, peerExchange: true });
  await connectionFrom(seeding, network.address(hubHost));
  network.closePort(newHost, OUR_PORT);
  const hub = `${network.address(hubHost)}:${CLIENT_PORT}`;
  const argv = ["get", release.torrents().hybrid, "-o", join(release.folder, "newcomer"), "--peer", hub, ...quiet];
  await using _newcomer = new Upswarm(argv, network.on(newHost));
  await connectionFrom(seeding, network.address(newHost));
}

/** We are the hub: we tell the client, which finds us by the tracker. */
export async function tellOfPeers({ network, kind, release }: Party): Promise<void> {
  const [seedHost, hubHost, newHost] = [network.addHost(), network.addHost(), network.addHost()];
  await using seeding = await slowSeed(network, seedHost, release.torrents().hybrid, release);
  const torrents = release.torrents({ trackers: [trackerOf(network)] });
  const seed = `${network.address(seedHost)}:${OUR_PORT}`;
  const argv = ["get", torrents.hybrid, "-o", join(release.folder, "hub"), "--peer", seed, ...quiet];
  await using _hub = new Upswarm(argv, network.on(hubHost));
  await connectionFrom(seeding, network.address(hubHost));
  network.closePort(newHost, CLIENT_PORT);
  const source = torrents[kind.takes];
  const folder = join(release.folder, "newcomer");
  await using _newcomer = kind.start({
    on: network.on(newHost),
    source,
    folder,
    port: CLIENT_PORT,
    peerExchange: true,
  });
  await connectionFrom(seeding, network.address(newHost));
}

function trackerOf(network: Network): string {
  return `http://${network.address(0)}:${TRACKER_PORT}/announce`;
}

async function slowSeed(network: Network, host: number, torrent: string, { path }: Release): Promise<Upswarm> {
  const argv = ["seed", torrent, path, "--no-verify", "--max-upload", SLOW_RATE, "--verbose", ...quiet];
  const seeding = new Upswarm(argv, network.on(host));
  await seeding.object(0);
  return seeding;
}

/** The seed's log names who is connected to it. */
async function connectionFrom(seeding: Upswarm, address: string): Promise<void> {
  const line = `peer.connected peer=${address}:`;
  await seeding.until(line, ({ err }) => (err.includes(line) ? true : undefined), DEADLINE_MS);
}
