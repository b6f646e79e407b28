// A download in which something stands still for a while: a process is suspended, or the cable is out. It goes on by
// itself afterwards, and is whole. Measured: from the end of the outage to the next verified bytes.

import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { performance } from "node:perf_hooks";
import { here } from "../processes/clients/stock-client.ts";
import type { On } from "../processes/clients/stock-client.ts";
import { Network } from "../processes/network.ts";
import { noise, scratchFolder, treeOf } from "../processes/payloads.ts";
import { create, Upswarm } from "../processes/upswarm.ts";
import type { GetResult } from "../processes/upswarm.ts";

export const outageNames = ["seed-suspended", "get-suspended", "cable-out"] as const;
export type OutageName = (typeof outageNames)[number];

export interface OutageResult {
  /** From the end of the outage to the next bytes. */
  readonly flowsAfterMs: number;
  readonly duplicateBytes: number;
}

const LENGTH_BYTES = 4_000_000;
/** Slow enough that there is a middle. */
const RATE = "1500kB/s";

/** @throws AssertionError where the download does not go on, or is not whole */
export async function runOutage(name: OutageName, lengthMs: number): Promise<OutageResult> {
  if (name !== "cable-out") {
    return await interrupted({ seed: here, get: here, address: "127.0.0.1" }, (seeding, getting) =>
      suspended(name === "seed-suspended" ? seeding : getting, lengthMs),
    );
  }
  using network = new Network();
  const [seedHost, getHost] = [network.addHost(), network.addHost()];
  const hosts = { seed: network.on(seedHost), get: network.on(getHost), address: network.address(seedHost) };
  return await interrupted(hosts, async () => {
    network.setCable(getHost, false);
    await lasting(lengthMs);
    network.setCable(getHost, true);
  });
}

interface Hosts {
  readonly seed: On;
  readonly get: On;
  readonly address: string;
}

async function interrupted(
  hosts: Hosts,
  outage: (seeding: Upswarm, getting: Upswarm) => Promise<void>,
): Promise<OutageResult> {
  const folder = mkdtempSync(join(scratchFolder(), "outage-"));
  const payload = join(folder, "release");
  mkdirSync(payload);
  writeFileSync(join(payload, "data"), noise(LENGTH_BYTES));
  const file = join(folder, "release.torrent");
  await create(payload, file, "--piece-length", "64KiB");
  const listen = `${hosts.address}:0`;
  await using seeding = new Upswarm(["seed", file, payload, "--listen", listen, "--max-upload", RATE], hosts.seed);
  const { listen: peer } = await seeding.object<{ listen: string }>(0);
  const received = join(folder, "received");
  await using getting = new Upswarm(["get", file, "-o", received, "--peer", peer, "--listen", ":0"], hosts.get);
  await getting.progress(({ phase, doneBytes }) => phase === "downloading" && doneBytes > 0);
  await outage(seeding, getting);
  const endMs = performance.now();
  const before = doneBytesOf(getting);
  await getting.until("more bytes", (child) => (doneBytesOf(child as Upswarm) > before ? true : undefined), 200_000);
  const flowsAfterMs = performance.now() - endMs;
  const { bytes } = await getting.result<GetResult>();
  assert.deepEqual(treeOf(join(received, "release")), treeOf(payload));
  assert.equal(bytes.local + bytes.sitePeers + bytes.otherPeers, LENGTH_BYTES);
  assert.equal(bytes.hashFailed, 0);
  return { flowsAfterMs, duplicateBytes: bytes.duplicate };
}

/** By its last progress report, or by its result. */
function doneBytesOf({ err, lines }: Pick<Upswarm, "err" | "lines">): number {
  if (lines.length > 0) return LENGTH_BYTES;
  const last = err.lastIndexOf('{"type":"progress"');
  return Number(/"doneBytes":(\d+)/.exec(err.slice(last))?.[1] ?? 0);
}

async function suspended(child: Upswarm, lengthMs: number): Promise<void> {
  child.kill("SIGSTOP");
  await lasting(lengthMs);
  child.kill("SIGCONT");
}

/** The outage is a length of time and nothing that could be waited for. */
function lasting(lengthMs: number): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  setTimeout(resolve, lengthMs);
  return promise;
}
