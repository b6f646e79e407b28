// A thousand torrents added to one session and removed from it, in every state that they can be in: nothing of them stays.
// Descriptors, threads and handles are counted with all torrents gone, after one half of them and after the other; torrents
// are looked for by weak references; what is left of the heap and of the process's memory may not have grown. (Of three
// thousand the resident memory stood still after the first twelve hundred, the heap after a thousand.)

import assert from "node:assert/strict";
import { readdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import type { TestContext } from "node:test";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import type { Endpoint } from "../../src/core/index.ts";
import { openSession, publish, seed, soon, temporaryFolder, until } from "../../src/engine/engine-fixture.test.ts";
import type { Published } from "../../src/engine/engine-fixture.test.ts";
import type { Session, Torrent } from "../../src/engine/index.ts";
import { magnetOf, parseMagnet } from "../../src/metainfo/index.ts";
import { noise } from "../processes/payloads.ts";

const TORRENTS = Number(process.env["UPSWARM_LEAK_TORRENTS"] ?? 1_000);
const WARM_UP = TORRENTS / 2;
/** Different ones; each is removed before it is added again. */
const PAYLOADS = 20;
const AT_ONCE = 5;
/** Opened again by the seed in that very moment. */
const SOCKETS_MAX = 4;
/** Four kilobytes a torrent. */
const HEAP_MB_MORE_MAX = 2;
const RESIDENT_MB_MORE_MAX = 48;

setFlagsFromString("--expose-gc");
const collect = runInNewContext("gc") as () => void;

interface Held {
  readonly descriptors: number;
  readonly threads: number;
  readonly handles: string;
  readonly heapMB: number;
  readonly residentMB: number;
}

/** When the last sockets are closed, and after some turns and collections: weak references are cleared a turn later. */
async function held(): Promise<Held> {
  await until(() => !process.getActiveResourcesInfo().includes("TCPSocketWrap"), "all sockets are closed");
  for (let turn = 0; turn < 3; turn++) {
    await new Promise((resolve) => setImmediate(resolve));
    collect();
  }
  const kilobytes = Number(/VmRSS:\s+(\d+)/.exec(readFileSync("/proc/self/status", "utf8"))?.[1] ?? 0);
  return {
    descriptors: readdirSync("/proc/self/fd").length,
    threads: readdirSync("/proc/self/task").length,
    // Not timers: deadlines of the test itself are among them. Not sockets: all were closed just now, and the seed may
    // look again whether somebody is there.
    handles: process
      .getActiveResourcesInfo()
      .filter((name) => !/Timeout|Immediate|FSReq|TCPSocket|TCPConnect/.test(name))
      .toSorted()
      .join(" "),
    heapMB: process.memoryUsage().heapUsed / 1e6,
    residentMB: kilobytes / 1e3,
  };
}

interface Surroundings {
  readonly session: Session;
  readonly payloads: readonly Published[];
  readonly from: Endpoint;
  readonly folder: string;
}

/** One torrent, removed in a state that depends on its number. */
async function addAndRemove(number: number, { session, payloads, from, folder }: Surroundings): Promise<Torrent> {
  const { metainfo, path } = payloads[number % PAYLOADS] as Published;
  const directory = join(folder, String(number));
  const download = { mode: "download", directory, peers: [from] } as const;
  const state = Math.floor(number / PAYLOADS) % 6;
  const torrent =
    state === 0
      ? session.add({ source: metainfo, mode: "seed", directory: "", path })
      : session.add({ ...download, source: state === 1 ? parseMagnet(magnetOf(metainfo)) : metainfo });
  const connected = (): boolean => torrent.stats().peers > 0;
  // 2: at once; 3: while its files are looked at; 4: connected, in the middle of it.
  if (state < 2) await soon(torrent.ready, "it to be ready");
  else if (state === 4) await until(() => connected() || torrent.phase === "seeding", "it is connected");
  else if (state === 5) await soon(torrent.completed, "the download");
  await torrent[Symbol.asyncDispose]();
  rmSync(directory, { recursive: true, force: true });
  return torrent;
}

async function surroundings(t: TestContext): Promise<Surroundings> {
  const payloads: Published[] = [];
  for (let index = 0; index < PAYLOADS; index++) {
    const version = index % 3 === 0 ? "hybrid" : index % 3 === 1 ? "1" : "2";
    payloads.push(await publish(t, { files: noise(150_000, index), name: `update-${index}`, version }));
  }
  const giving = await openSession(t);
  for (const payload of payloads) await seed(t, payload, {}, giving);
  return { session: await openSession(t), payloads, from: giving.listen, folder: await temporaryFolder(t) };
}

test(
  `${TORRENTS} torrents, added and removed in every state, leave nothing behind`,
  { skip: process.platform !== "linux" && "descriptors and threads are counted in /proc" },
  async (t) => {
    const around = await surroundings(t);
    const gone: WeakRef<Torrent>[] = [];
    const some = async (first: number, end: number): Promise<Held> => {
      for (let number = first; number < end; number += AT_ONCE) {
        const numbers = Array.from({ length: AT_ONCE }, (_, index) => number + index);
        const torrents = await Promise.all(numbers.map((each) => addAndRemove(each, around)));
        gone.push(...torrents.map((torrent) => new WeakRef(torrent)));
      }
      await until(() => around.session.torrents.size === 0, "every torrent left the session");
      return await held();
    };
    const none = await held();
    const before = await some(0, WARM_UP);
    const after = await some(WARM_UP, TORRENTS);
    t.diagnostic(`${JSON.stringify(before)} then ${JSON.stringify(after)}; at first ${none.descriptors} descriptors`);
    const alive = gone.filter((reference) => reference.deref() !== undefined).length;
    assert.ok(alive <= AT_ONCE, `${alive} of ${gone.length} torrents are still in memory`);
    assert.ok(after.descriptors <= Math.min(before.descriptors + SOCKETS_MAX, none.descriptors), "descriptors");
    assert.ok(after.threads <= before.threads, "threads");
    assert.equal(after.handles, before.handles);
    assert.ok(after.heapMB - before.heapMB < HEAP_MB_MORE_MAX, "the heap");
    assert.ok(after.residentMB - before.residentMB < RESIDENT_MB_MORE_MAX, "resident memory");
  },
);
