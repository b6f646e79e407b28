import assert from "node:assert/strict";
import { test } from "node:test";
import { isLocalDisk, isLocalType } from "./local-disk.ts";

test("isLocalType() holds for disks and memory, and not for what a network or a process answers for", () => {
  for (const type of [0xef53, 0x9123_683e, 0x9123_683e | 0, 0x0102_1994]) assert.equal(isLocalType(type), true);
  // NFS, SMB, SMB2, FUSE, 9P, Ceph.
  const remote = [0x6969, 0x517b, 0xfe53_4d42, 0x6573_5546, 0x0102_1997, 0x00c3_6400, 0];
  for (const type of remote) assert.equal(isLocalType(type), false, type.toString(16));
});

const isLinux = process.platform === "linux";
test("isLocalDisk() asks the system", { skip: !isLinux && "needs Linux" }, async () => {
  assert.equal(await isLocalDisk("/dev/shm"), true);
  assert.equal(await isLocalDisk("/proc"), false);
  await assert.rejects(isLocalDisk("/nowhere"), { code: "ENOENT" });
});
