// The command line as a process: exit codes, signals, streams, and a real swarm over loopback.

import assert from "node:assert/strict";
import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { after, test } from "node:test";
import { fileURLToPath } from "node:url";
import { upswarm } from "./fake-process.test.ts";

const main = fileURLToPath(new URL("main.ts", import.meta.url));
const root = mkdtempSync(join(tmpdir(), "upswarm-cli-"));
const started = new Set<ChildProcess>();
after(() => {
  for (const child of started) child.kill("SIGKILL");
  rmSync(root, { recursive: true, force: true });
});

/** A command with --json. */
class Running {
  readonly child: ChildProcess;
  readonly ended: Promise<{ code: number | null; objects: Record<string, unknown>[] }>;
  err = "";
  readonly #lines: string[] = [];
  readonly #firstLine: Promise<unknown[]>;

  constructor(...argv: string[]) {
    const { PATH } = process.env;
    const child = spawn(process.execPath, [main, ...argv, "--json"], {
      cwd: root,
      env: { PATH, HOME: root, NODE_COMPILE_CACHE: join(root, "cache") },
    });
    this.child = child;
    started.add(child);
    const reader = createInterface({ input: child.stdout });
    reader.on("line", (line) => this.#lines.push(line));
    this.#firstLine = once(reader, "line");
    child.stderr.on("data", (data) => (this.err += String(data)));
    this.ended = once(child, "close").then(([code]) => {
      started.delete(child);
      return {
        code: code as number | null,
        objects: this.#lines.map((line) => JSON.parse(line) as Record<string, unknown>),
      };
    });
  }

  /** The line that seed and tracker print when they are ready. */
  async ready(): Promise<Record<string, unknown>> {
    const ended = this.ended.then(() => assert.fail(`it ended too early: ${this.err}`));
    await Promise.race([this.#firstLine, ended]);
    return JSON.parse(this.#lines[0] ?? "") as Record<string, unknown>;
  }

  stderrHas(text: string): Promise<void> {
    return new Promise((resolve, reject) => {
      const look = (): void => void (this.err.includes(text) && resolve());
      this.child.stderr?.on("data", look);
      this.child.on("close", () => reject(new Error(`it ended without "${text}": ${this.err}`)));
      look();
    });
  }
}

/** In this process: what it makes is what matters here. */
async function create(path: string, ...argv: string[]): Promise<void> {
  const names = argv.map((word) => (word.endsWith(".torrent") ? join(root, word) : word));
  const { code, err } = await upswarm(["create", path, ...names]);
  assert.equal(code, 0, err);
}

function only(objects: readonly Record<string, unknown>[]): Record<string, unknown> {
  assert.equal(objects.length, 1);
  return objects[0] ?? {};
}

const payload = join(root, "update.bin");
writeFileSync(payload, Buffer.alloc(3_000_000, "an update, "));
writeFileSync(join(root, "not-a.torrent"), "d4:infoi1ee");

test("with --json stdout is one object, and progress goes to stderr", async () => {
  const created = new Running("create", payload, "-o", "one.torrent", "--progress", "json");
  const { code, objects } = await created.ended;
  assert.deepEqual([code, objects.length, objects[0]?.["lengthBytes"]], [0, 1, 3_000_000]);
  for (const line of created.err.trimEnd().split("\n")) {
    assert.equal((JSON.parse(line) as { type: string }).type, "progress");
  }
});

test("exit codes reach the shell: 1 for the world, 2 for usage, 3 for invalid data", async () => {
  const runs = [["inspect", "absent.torrent"], ["inspect"], ["inspect", "not-a.torrent"]];
  const ended = await Promise.all(runs.map((argv) => new Running(...argv).ended));
  assert.deepEqual(
    ended.map(({ code, objects }) => [code, objects.length, Object.keys(objects[0] ?? {})]),
    [1, 2, 3].map((code) => [code, 1, ["error"]]),
  );
});

test("a reader that goes away does no harm", async () => {
  const child = spawn("bash", ["-c", `set -o pipefail; "$0" "$1" help create | head -n 1`, process.execPath, main]);
  const [code] = (await once(child, "close")) as [number | null];
  assert.equal(code, 0);
});

test("tracker, seed and get: one swarm, the contract's JSON, clean ends", async () => {
  const tracker = new Running("tracker", "--http", "127.0.0.1:0");
  const { http, udp } = await tracker.ready();
  assert.equal(udp, null);
  const announce = `http://${String(http)}/announce`;
  await create(payload, "-o", "u.torrent", "--twin", "u.v1.torrent", "--tracker", announce);
  const seed = new Running("seed", "u.torrent", payload, "--twin", "u.v1.torrent", "--listen", "127.0.0.1:0");
  const ready = await seed.ready();
  assert.deepEqual(Object.keys(ready), ["listen", "infoHashV1", "infoHashV2", "twinInfoHashV1"]);

  const byTracker = new Running("get", "u.torrent", "-o", "a");
  const byTwin = new Running("get", "u.v1.torrent", "-o", "b");
  const link = `magnet:?xt=urn:btih:${String(ready["infoHashV1"])}`;
  const byMagnet = new Running("get", link, "-o", "c", "--peer", String(ready["listen"]));
  for (const folder of ["a", "b", "c"]) mkdirSync(join(root, folder), { recursive: true });
  for (const [get, folder] of [
    [byTracker, "a"],
    [byTwin, "b"],
    [byMagnet, "c"],
  ] as const) {
    const { code, objects } = await get.ended;
    assert.equal(code, 0, get.err);
    assert.equal(objects.length, 1);
    const [result = {}] = objects;
    assert.deepEqual(Object.keys(result), ["path", "lengthBytes", "infoHashV1", "infoHashV2", "seconds", "bytes"]);
    assert.equal(result["path"], join(root, folder, "update.bin"));
    const { sitePeers, otherPeers, webSeeds, local } = result["bytes"] as Record<string, number>;
    assert.equal((sitePeers ?? 0) + (otherPeers ?? 0) + (webSeeds ?? 0) + (local ?? 0), 3_000_000);
    assert.deepEqual(readFileSync(join(root, folder, "update.bin")), readFileSync(payload));
    assert.match(get.err, /Nothing vouches/);
  }

  seed.child.kill("SIGINT");
  const seeded = await seed.ended;
  assert.equal(seeded.code, 0);
  assert.equal(seeded.objects.length, 2);
  assert.ok((seeded.objects[1]?.["uploadedBytes"] as number) >= 3_000_000);
  tracker.child.kill("SIGTERM");
  const tracked = await tracker.ended;
  assert.deepEqual([tracked.code, tracked.objects.length], [0, 2]);
  assert.ok((tracked.objects[1]?.["announces"] as number) >= 3);
});

test("SIGHUP makes the tracker read its allow-list again, and a bad list leaves the old one", async () => {
  const [first, second] = ["a".repeat(40), "b".repeat(40)];
  const list = join(root, "allow.txt");
  writeFileSync(list, `${first}\n`);
  const tracker = new Running("tracker", "--http", "127.0.0.1:0", "--allow", list);
  const { http } = await tracker.ready();
  const isServed = async (infoHash: string): Promise<boolean> => {
    const hash = infoHash.replaceAll(/../g, "%$&");
    const query = `info_hash=${hash}&peer_id=${"p".repeat(20)}&port=7000&uploaded=0&downloaded=0&left=1&compact=1`;
    const reply = await fetch(`http://${String(http)}/announce?${query}`);
    return !(await reply.text()).includes("failure reason");
  };
  assert.deepEqual([await isServed(first), await isServed(second)], [true, false]);
  writeFileSync(list, `${first}\n${second}\n`);
  tracker.child.kill("SIGHUP");
  await tracker.stderrHas("The allow-list was read again.");
  assert.deepEqual([await isServed(first), await isServed(second)], [true, true]);
  writeFileSync(list, "not an info-hash\n");
  tracker.child.kill("SIGHUP");
  await tracker.stderrHas("tracker.reload-failed");
  assert.equal(await isServed(second), true);
  tracker.child.kill("SIGTERM");
  assert.equal((await tracker.ended).code, 0);
});

test("get ends with 130 at Ctrl-C, keeps what it has, and goes on from there", async () => {
  await create(payload, "-o", "slow.torrent");
  const seed = new Running("seed", "slow.torrent", payload, "--listen", "127.0.0.1:0");
  const peer = String((await seed.ready())["listen"]);
  mkdirSync(join(root, "slow"));
  const argv = ["get", "slow.torrent", "-o", "slow", "--peer", peer, "--progress", "json"];
  const first = new Running(...argv, "--max-download", "1MB/s");
  // A piece or more is there, and most is not.
  await first.stderrHas('"phase":"downloading","doneBytes":');
  await new Promise<void>((resolve) => {
    first.child.stderr?.on("data", () => /"doneBytes":[1-9]\d{5}/.test(first.err) && resolve());
  });
  first.child.kill("SIGINT");
  const stopped = await first.ended;
  assert.equal(stopped.code, 130);
  assert.deepEqual(
    stopped.objects.map((it) => (it["error"] as { code: string }).code),
    ["interrupted"],
  );
  assert.deepEqual(
    readdirSync(join(root, "slow")).filter((name) => name === "update.bin"),
    [],
  );

  const second = new Running(...argv);
  const { code, objects } = await second.ended;
  assert.equal(code, 0, second.err);
  const { local = 0, sitePeers = 0 } = only(objects)["bytes"] as Record<string, number>;
  assert.ok(local >= 100_000, `${local} bytes were found on disk`);
  assert.equal(local + sitePeers, 3_000_000);
  seed.child.kill("SIGTERM");
  assert.equal((await seed.ended).code, 0);
});

test("seed refuses files that are not the torrent's, and a twin that is none", async () => {
  const damaged = readFileSync(payload);
  damaged[2_000_000] = 0;
  writeFileSync(join(root, "damaged.bin"), damaged);
  await create(payload, "-o", "right.torrent");
  await create(join(root, "damaged.bin"), "-o", "wrong.torrent", "--format", "v1");
  const [files, twin] = await Promise.all([
    new Running("seed", "right.torrent", "damaged.bin").ended,
    new Running("seed", "right.torrent", payload, "--twin", "wrong.torrent").ended,
  ]);
  assert.deepEqual([files.code, twin.code], [3, 3]);
  assert.deepEqual(
    [files, twin].map(({ objects }) => (only(objects)["error"] as { code: string }).code),
    ["engine.incomplete-seed", "verify.twin"],
  );
});
