// Ten thousand connections, from one address and from many, that say nothing, say half of a handshake, or say all of it and
// then nothing more. What is attacked are the real processes, whose memory and descriptors are looked at; meanwhile
// somebody from another address is served.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import type { TestContext } from "node:test";
import { fileURLToPath } from "node:url";
import {
  CONNECTIONS_PER_TORRENT_MAX,
  HANDSHAKING_MAX,
  TRACKER_HTTP_CONNECTIONS_MAX,
  TRACKER_HTTP_CONNECTIONS_PER_ADDRESS_MAX,
} from "../../src/core/index.ts";
import { Child } from "../processes/child.ts";
import { scratchFolder, treeOf, writeFolder } from "../processes/payloads.ts";
import { create, get, seed, tracker } from "../processes/upswarm.ts";
import type { GetResult, Upswarm } from "../processes/upswarm.ts";
import type { Flood, FloodStatus } from "./connection-flood.ts";

const COUNT = 10_000;

/** Descriptors of a process for so many connections, and its own. */
const DESCRIPTORS_NEEDED = COUNT + 500;
const missing = ((): string | false => {
  if (process.platform !== "linux") return "needs /proc and all of 127.0.0.0/8";
  const limit = execFileSync("sh", ["-c", "ulimit -Hn"], { encoding: "utf8" }).trim();
  const isEnough = limit === "unlimited" || Number(limit) >= DESCRIPTORS_NEEDED;
  return isEnough ? false : `needs ${DESCRIPTORS_NEEDED} descriptors a process, and ${limit} are allowed`;
})();

const unlessMissing = { skip: missing };

/** "\x13BitTorrent protocol" and no reserved bit. */
const PROTOCOL = `13${Buffer.from("BitTorrent protocol").toString("hex")}${"00".repeat(8)}`;

const script = fileURLToPath(new URL("connection-flood.ts", import.meta.url));

class FloodProcess extends Child {
  constructor(flood: Flood) {
    super("the flood", process.execPath, [script, JSON.stringify(flood)]);
  }

  status(what: string, isThere: (status: FloodStatus) => boolean): Promise<FloodStatus> {
    return this.until(what, ({ lines }) => {
      const status = lines.length === 0 ? undefined : (JSON.parse(lines.at(-1) ?? "") as FloodStatus);
      return status !== undefined && isThere(status) ? status : undefined;
    });
  }

  /** No more are opened: what then is still open is what the other end lets them hold. */
  enough(): void {
    this.process.stdin?.write("enough");
  }
}

function residentBytes({ process: { pid } }: Child): number {
  const [, kibibytes] = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, "utf8")) ?? [];
  return Number(kibibytes) * 1_024;
}

function descriptorCount({ process: { pid } }: Child): number {
  return readdirSync(`/proc/${pid}/fd`).length;
}

const root = scratchFolder();
const published = join(root, "release");
const torrent = join(root, "release.torrent");

function portOf(endpoint: string): number {
  return Number(new URL(endpoint.includes("//") ? endpoint : `tcp://${endpoint}`).port);
}

let gets = 0;

/** From 127.0.0.1, where no flood comes from. */
async function downloadFrom(peer: string): Promise<void> {
  const folder = join(root, `got-${gets++}`);
  await using getting: Upswarm = get(torrent, folder, "--peer", peer);
  await getting.result<GetResult>();
  assert.deepEqual(treeOf(join(folder, "release")), treeOf(published));
}

/** The flood comes, `serve` is to work all the same, and in the end no more is held than the bound says. */
async function withstand(
  t: TestContext,
  attacked: Child,
  flood: Flood,
  { heldMax, grownMaxBytes, serve }: { heldMax: number; grownMaxBytes: number; serve: () => Promise<void> },
): Promise<void> {
  await serve();
  const bytesBefore = residentBytes(attacked);
  const descriptorsBefore = descriptorCount(attacked);
  await using flooding = new FloodProcess(flood);
  await flooding.status("ten thousand connections", ({ openedCount }) => openedCount >= flood.count);
  await serve();
  flooding.enough();
  const { heldCount } = await flooding.status("only the bound is held", (status) => status.heldCount <= heldMax);
  const grownBytes = residentBytes(attacked) - bytesBefore;
  const descriptors = descriptorCount(attacked) - descriptorsBefore;
  t.diagnostic(`held: ${heldCount}; grown by ${Math.round(grownBytes / 1e6)} MB, ${descriptors} descriptors`);
  assert.ok(descriptors <= heldMax + 10, `${descriptors} descriptors more than before`);
  assert.ok(grownBytes < grownMaxBytes, `${grownBytes} bytes more than before`);
}

test("a seed serves a download while others open ten thousand connections", unlessMissing, async (t) => {
  writeFolder(published);
  const { infoHashV1 } = await create(published, torrent, "--piece-length", "64KiB");
  const { child, peer } = await seed(torrent, published);
  await using seeding = child;
  const cases = [
    ["hold half a handshake open, from 500 addresses", 500, PROTOCOL.slice(0, 60), HANDSHAKING_MAX],
    ["name the torrent and not themselves", 20, `${PROTOCOL}${infoHashV1}`, CONNECTIONS_PER_TORRENT_MAX],
    ["say all of a handshake and nothing more", 20, `${PROTOCOL}${infoHashV1}*`, CONNECTIONS_PER_TORRENT_MAX],
  ] as const;
  for (const [what, addressCount, says, heldMax] of cases) {
    await t.test(`who ${what}`, async (inner) => {
      const flood = { port: portOf(peer), count: COUNT, addressCount, says };
      await withstand(inner, seeding, flood, { heldMax, grownMaxBytes: 100e6, serve: () => downloadFrom(peer) });
    });
  }
});

test("a tracker answers while others hold ten thousand connections open", unlessMissing, async (t) => {
  const { child, http } = await tracker();
  await using tracking = child;
  const query = `info_hash=${"%01".repeat(20)}&peer_id=-XX0000-abcdefghijkl&port=1&uploaded=0&downloaded=0&left=1`;
  const announce = async (): Promise<void> => {
    for (let time = 0; time < 20; time++) {
      // A connection of its own each time: one that is kept was let in before the others came.
      const headers = { connection: "close" };
      const reply = await fetch(`${http}?${query}`, { headers, signal: AbortSignal.timeout(20_000) });
      assert.match(await reply.text(), /8:intervali/);
    }
  };
  const says = Buffer.from("GET /announce?info_hash=").toString("hex");
  const addressCount = Math.ceil(COUNT / TRACKER_HTTP_CONNECTIONS_PER_ADDRESS_MAX) + 2;
  const flood = { port: portOf(http), count: COUNT, addressCount, says };
  const heldMax = TRACKER_HTTP_CONNECTIONS_MAX;
  await withstand(t, tracking, flood, { heldMax, grownMaxBytes: 300e6, serve: announce });
});
