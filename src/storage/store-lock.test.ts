import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import fs, { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
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
  for (const name of [nonce, `${nonce}.stale`, "of-somebody", `${nonce}.txt`]) await writeFile(`${path}.${name}`, dead);
  await writeFile(`${path}.fedcba9876543210`, JSON.stringify(owner));
  await mkdir(`${path}.0000000000000000`);
  const lock = await StoreLock.acquire(path);
  const left = ["x.lock", "x.lock.0000000000000000", `x.lock.${nonce}.txt`, "x.lock.fedcba9876543210"];
  assert.deepEqual((await readdir(folder)).toSorted(), [...left, "x.lock.of-somebody"].toSorted());
  await lock.release();
});

test("of many that want a stale lock at once, one gets it", async (t) => {
  const path = join(await temporaryFolder(t), "x.lock");
  await writeFile(path, "left by a crash");
  const tries = await Promise.allSettled(Array.from({ length: 20 }, () => StoreLock.acquire(path)));
  assert.equal(tries.filter(({ status }) => status === "fulfilled").length, 1);
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
