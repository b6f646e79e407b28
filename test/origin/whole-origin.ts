// A whole origin for tests: made, published to and served on free ports of loopback, with a pinned passphrase; and the
// release's page, swarm and files as the world sees them.

import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pino } from "pino";
import { silentLog, systemClock, type Clock } from "../../src/core/index.ts";
import {
  createOrigin,
  openOriginFolder,
  prepareRelease,
  publishRelease,
  serveOrigin,
  type OriginConfig,
  type OriginFolder,
  type Release,
  type ServedOrigin,
} from "../../src/origin/index.ts";
import { readKeyFile } from "../../src/release/index.ts";
import { StorageWorkers } from "../../src/storage/index.ts";
import { freePort } from "../processes/free-port.ts";
import { noise, scratchFolder } from "../processes/payloads.ts";

export const PASSPHRASE = "for tests and nothing else";

export interface OriginPlace {
  readonly path: string;
  readonly url: string;
  readonly config: OriginConfig;
  readonly ports: { readonly http: number; readonly tracker: number };
}

/** An origin that is made and not served yet. */
export async function makeOrigin(clock: Clock = systemClock): Promise<OriginPlace> {
  const ports = { http: await freePort(), tracker: await freePort() };
  const url = `http://127.0.0.1:${ports.http}`;
  const announce = `127.0.0.1:${ports.tracker}`;
  const config: OriginConfig = {
    title: "Updates",
    publicUrl: url,
    trackers: [`http://${announce}/announce`, `udp://${announce}`],
    agent: null,
    mail: null,
    trustedProxies: [],
  };
  const path = join(scratchFolder(), "origin");
  await createOrigin({ path, config, passphrase: PASSPHRASE, clock });
  return { path, url, config, ports };
}

export async function serve({ path, ports }: OriginPlace, clock: Clock = systemClock): Promise<ServedOrigin> {
  return await serveOrigin({
    path,
    http: { host: "127.0.0.1", port: ports.http },
    tls: null,
    listen: { host: "127.0.0.1", port: 0 },
    trackerHttp: [{ host: "127.0.0.1", port: ports.tracker }],
    trackerUdp: [{ host: "127.0.0.1", port: ports.tracker }],
    maxUploadRate: null,
    clientName: "Upswarm test",
    clock,
    logger: pino({ level: "silent" }),
  });
}

/** As a command beside a running origin does. */
export async function beside(place: OriginPlace, clock: Clock = systemClock): Promise<OriginFolder> {
  return await openOriginFolder(place.path, { clock, log: silentLog });
}

export interface Published {
  readonly release: Release;
  readonly bytes: Buffer;
}

/** Publishes bytes under a version, beside whatever serves the origin. */
export async function publish(place: OriginPlace, version: string, lengthBytes = 700_001): Promise<Published> {
  const bytes = noise(lengthBytes, Number.parseInt(Buffer.from(version).toString("hex").slice(-6), 16));
  const folder = scratchFolder();
  mkdirSync(folder, { recursive: true });
  const path = join(folder, `update-${version}.bin`);
  writeFileSync(path, bytes);
  await using origin = await beside(place);
  const { catalogue, payloads, publishLock: lock, signing, folder: data } = origin;
  const signer = await readKeyFile(join(data.offlineKeys, "targets.json"), "targets", PASSPHRASE);
  await using workers = new StorageWorkers();
  await using staged = await payloads.stage();
  const { draft, metainfo } = await prepareRelease({
    path,
    details: {
      product: "update",
      version,
      channel: "stable",
      vendor: { name: "Contoso", url: "https://vendor.example/update", hashes: [] },
      notes: "Mends what was broken.",
    },
    copyTo: staged.folder,
    trackers: place.config.trackers,
    publicUrl: place.url,
    workers,
  });
  const { release } = await publishRelease(
    { catalogue, payloads, lock, clock: systemClock },
    { draft, metainfo, staged, sign: (release, bytes) => signing.addRelease(release, bytes, [signer]) },
  );
  return { release, bytes };
}
