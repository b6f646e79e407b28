// Processes with too few file descriptors (prlimit): files and connections make room for each other, nothing fails that could
// go on, and what cannot even begin says why.

import assert from "node:assert/strict";
import { once } from "node:events";
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import type { Socket } from "node:net";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { STORAGE_WORKERS_MAX } from "../../src/core/index.ts";
import { until } from "../../src/engine/engine-fixture.test.ts";
import { noise, scratchFolder, treeOf } from "../processes/payloads.ts";
import { create, seed, Upswarm } from "../processes/upswarm.ts";
import type { GetResult } from "../processes/upswarm.ts";

const FILES = 400;
const SEEDS = 4;
const skip = process.platform !== "linux" && "prlimit is of Linux";

const root = scratchFolder();
const release = join(root, "release");
const file = join(root, "release.torrent");
mkdirSync(release);
for (let index = 0; index < FILES; index++) writeFileSync(join(release, `file-${index}`), noise(17_000 + index, index));
await create(release, file, "--piece-length", "32KiB");

/** What the I/O threads take for themselves: one a core, which would keep 64 files open where it can. */
const THREADS = 6 * Math.min(availableParallelism(), STORAGE_WORKERS_MAX);

function withDescriptors(count: number, argv: readonly string[]): Upswarm {
  return new Upswarm(argv, (words) => ["prlimit", `--nofile=${count}:${count}`, ...words]);
}

test(
  "get of many files from several peers does with few descriptors; with too few it says what to do",
  { skip },
  async () => {
    await using owned = new AsyncDisposableStack();
    const peers: string[] = [];
    for (let index = 0; index < SEEDS; index++) {
      const { child, peer } = await seed(file, release);
      owned.use(child);
      peers.push("--peer", peer);
    }
    const argv = (folder: string): string[] => [
      "get",
      file,
      "-o",
      join(root, folder),
      "--listen",
      "127.0.0.1:0",
      ...peers,
    ];
    await using getting = withDescriptors(36 + THREADS, argv("few"));
    const { path } = await getting.result<GetResult>();
    assert.deepEqual(treeOf(path), treeOf(release));
    await using none = withDescriptors(24, argv("none"));
    assert.equal(await none.end(), 1, none.err);
    const { error } = JSON.parse(none.lines.join("")) as { error: { code: string; message: string } };
    assert.match(error.message, /Too many open files\. Raise the limit \(ulimit -n\)/, error.message);
    assert.deepEqual(readdirSync(join(root, "none")), [], "nothing is left of what could not begin");
  },
);

/** Of all threads, in ticks of 10 ms. */
function cpuTicksOf(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, "utf8").split(") ")[1]?.split(" ") ?? [];
  return Number(fields[11]) + Number(fields[12]);
}

test("a seed that has no descriptor for one more connection neither spins nor stops listening", { skip }, async () => {
  await using seeding = withDescriptors(52 + THREADS, ["seed", file, release, "--listen", "127.0.0.1:0"]);
  const { listen } = await seeding.object<{ listen: string }>(0);
  const [host = "", port = ""] = listen.split(":");
  const sockets: Socket[] = [];
  // More than it can have. Whoever is not let in is cut off at once or waits in the kernel's queue.
  for (let index = 0; index < 100; index++) {
    const socket = connect({ host, port: Number(port), localAddress: `127.0.0.${2 + (index % 8)}` });
    socket.on("error", () => {});
    sockets.push(socket);
    await Promise.race([once(socket, "connect"), once(socket, "close")]);
  }
  await until(() => sockets.some(({ destroyed }) => destroyed), "somebody is cut off");
  const pid = seeding.process.pid ?? 0;
  const before = cpuTicksOf(pid);
  const startedAt = performance.now();
  // What it does in a second of its own, told by its own clock: the kernel's ticks.
  await seeding.progress(() => performance.now() - startedAt > 1_000);
  const busy = ((cpuTicksOf(pid) - before) * 10) / (performance.now() - startedAt);
  assert.ok(busy < 0.5, `it was busy for ${Math.round(busy * 100)} % of the time`);
  for (const socket of sockets) socket.destroy();
  await using getting = new Upswarm([
    "get",
    file,
    "-o",
    join(root, "after"),
    "--peer",
    listen,
    "--listen",
    "127.0.0.1:0",
  ]);
  assert.deepEqual(treeOf((await getting.result<GetResult>()).path), treeOf(release));
});
