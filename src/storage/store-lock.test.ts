import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import fs, { mkdir, readdir, readFile, utimes, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { LOCK_WRITING_MS_MAX } from "../core/index.ts";
import { StoreLock } from "./store-lock.ts";
import { temporaryFolder } from "./sample-store.test.ts";

test("acquire() refuses a place whose owner lives, and release() frees it", async (t) => {
  const path = join(await temporaryFolder(t), "x.lock");
  const lock = await StoreLock.acquire(path);
  await assert.rejects(StoreLock.acquire(path), { code: "storage.in-use", message: new RegExp(String(process.pid)) });
  await lock.release();
  await (await StoreLock.acquire(path)).release();
  assert.deepEqual(await readdir(join(path, "..")), []);
});

test("acquire() takes over a lock whose owner is gone, whatever it says", async (t) => {
  const path = join(await temporaryFolder(t), "x.lock");
  const { pid: deadPid } = spawnSync(process.execPath, ["--version"]);
  const mine = await StoreLock.acquire(path);
  const owner = JSON.parse(await readFile(path, "utf8")) as object;
  await mine.release();
  const stale = [
    "",
    "{",
    "null",
    "[]",
    JSON.stringify({ ...owner, pid: deadPid }),
    JSON.stringify({ ...owner, startedAt: "1" }),
    JSON.stringify({ ...owner, bootId: "another boot" }),
  ];
  for (const text of process.platform === "linux" ? stale : stale.slice(0, 5)) {
    await writeFile(path, text);
    // What is empty may be in the middle of being written for a while.
    if (text === "") await utimes(path, 1, 1);
    const lock = await StoreLock.acquire(path);
    assert.deepEqual(await readdir(join(path, "..")), ["x.lock"], text);
    await lock.release();
  }
});

test("acquire() removes what processes left that were killed at taking the lock, and nothing else", async (t) => {
  const folder = await temporaryFolder(t);
  const path = join(folder, "x.lock");
  const mine = await StoreLock.acquire(path);
  const owner = JSON.parse(await readFile(path, "utf8")) as object;
  await mine.release();
  const { pid: deadPid } = spawnSync(process.execPath, ["--version"]);
  const dead = JSON.stringify({ ...owner, pid: deadPid, startedAt: "1" });
  const nonce = "0123456789abcdef";
  for (const name of [nonce, "takeover", "of-somebody", `${nonce}.txt`]) await writeFile(`${path}.${name}`, dead);
  await writeFile(`${path}.fedcba9876543210`, JSON.stringify(owner));
  await mkdir(`${path}.0000000000000000`);
  const lock = await StoreLock.acquire(path);
  const left = ["x.lock", "x.lock.0000000000000000", `x.lock.${nonce}.txt`, "x.lock.fedcba9876543210"];
  assert.deepEqual((await readdir(folder)).toSorted(), [...left, "x.lock.of-somebody"].toSorted());
  await lock.release();
});

test("of many that want a stale lock at once, one gets it", async (t) => {
  const path = join(await temporaryFolder(t), "x.lock");
  for (let round = 0; round < 20; round++) {
    await writeFile(path, "left by a crash");
    const tries = await Promise.allSettled(Array.from({ length: 20 }, () => StoreLock.acquire(path)));
    const [got, ...more] = tries.filter((attempt) => attempt.status === "fulfilled");
    assert.ok(got !== undefined && more.length === 0, `${more.length + 1} have it`);
    await got.value.release();
    assert.deepEqual(await readdir(join(path, "..")), []);
  }
});

test("who saw a stale lock leaves the one of another who took over in between", async (t) => {
  const path = join(await temporaryFolder(t), "x.lock");
  await writeFile(path, "left by a crash");
  const { link } = fs;
  let other: StoreLock | undefined;
  const linking = t.mock.method(fs, "link", async (from: string, to: string) => {
    if (other === undefined && to === `${path}.takeover`) {
      linking.mock.restore();
      other = await StoreLock.acquire(path);
    }
    await link(from, to);
  });
  await assert.rejects(StoreLock.acquire(path), { code: "storage.in-use" });
  assert.ok(other !== undefined);
  assert.deepEqual(await readdir(join(path, "..")), ["x.lock"]);
  await other.release();
});

test("a take-over that was killed in the middle is taken over too", async (t) => {
  const path = join(await temporaryFolder(t), "x.lock");
  for (const name of ["", ".takeover", ".takeover.takeover"]) await writeFile(`${path}${name}`, "left by a crash");
  const lock = await StoreLock.acquire(path);
  assert.deepEqual(await readdir(join(path, "..")), ["x.lock"]);
  await lock.release();
});

test("a lock that is empty is being written, and refused for a while", async (t) => {
  const path = join(await temporaryFolder(t), "x.lock");
  await writeFile(path, "");
  await assert.rejects(StoreLock.acquire(path), { code: "storage.in-use", retryable: true });
  await utimes(path, Date.now() / 1_000, (Date.now() - 2 * LOCK_WRITING_MS_MAX) / 1_000);
  await (await StoreLock.acquire(path)).release();
});

test("acquire() refuses a lock that is no file of ours", async (t) => {
  const path = join(await temporaryFolder(t), "x.lock");
  await mkdir(path);
  await assert.rejects(StoreLock.acquire(path), { code: "storage.in-use" });
});

test("release() leaves a lock that another one holds by now", async (t) => {
  const path = join(await temporaryFolder(t), "x.lock");
  const lock = await StoreLock.acquire(path);
  await writeFile(path, "another's");
  await lock.release();
  assert.equal(await readFile(path, "utf8"), "another's");
});

test("release() of a lock that cannot be removed frees the place all the same", async (t) => {
  const path = join(await temporaryFolder(t), "x.lock");
  const lock = await StoreLock.acquire(path);
  const removing = t.mock.method(fs, "rm", () => Promise.reject(new Error("not now")));
  await lock.release();
  removing.mock.restore();
  await (await StoreLock.acquire(path)).release();
  assert.deepEqual(await readdir(join(path, "..")), []);
});
