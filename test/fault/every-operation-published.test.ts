// Every operation on files that `create` and a publish do fails once. What is written is whole or not there; the command
// ends with a sentence; and the same again succeeds and leaves nothing else behind. The catalogue's own files are
// SQLite's and not reached: see disk-origin.test.ts.

import assert from "node:assert/strict";
import { cpSync, mkdirSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { upswarm } from "../../src/cli/fake-process.test.ts";
import type { Ended } from "../../src/cli/fake-process.test.ts";
import { CodedError, STAGING_LEFTOVER_MS, systemClock } from "../../src/core/index.ts";
import { FolderPayloadStore } from "../../src/origin/payloads/folder-payload-store.ts";
import { reconcilePayloads } from "../../src/origin/payloads/payload-reconciliation.ts";
import { details, openOrigin, publish } from "../../src/origin/publishing/sample-origin.test.ts";
import { scratchFolder, treeOf, writeFolder } from "../processes/payloads.ts";
import { FailingFiles, failEach } from "./failing-files.ts";
import type { FaultCode } from "./failing-files.ts";

const scratch = scratchFolder();
const root = join(scratch, "faulty");
const failing = FailingFiles.install(root);
/** Every operation with `UPSWARM_FAULTS=all`, else some. */
const isComplete = process.env["UPSWARM_FAULTS"] === "all";

const payload = writeFolder(join(scratch, "release"), { manyFiles: 3, largeBytes: 300_000 });

function begin(): void {
  rmSync(root, { recursive: true, force: true });
  mkdirSync(root);
}

const codes = ["EIO", "ENOSPC", "EDQUOT"] as const satisfies readonly FaultCode[];

test("create survives EIO, ENOSPC, EDQUOT of each operation: both files are whole or not there", async (t) => {
  const create = (folder: string): ReturnType<typeof upswarm> => {
    const [output, twin] = [join(folder, "a.torrent"), join(folder, "b.torrent")];
    return upswarm(["create", join(root, "release"), "-o", output, "--twin", twin, "--json"]);
  };
  begin();
  cpSync(payload, join(root, "release"), { recursive: true, verbatimSymlinks: true });
  const right = join(scratch, "right");
  mkdirSync(right);
  assert.equal((await create(right)).code, 0);
  await failEach(t, failing, { codes, step: isComplete ? 1 : 11 }, async (_at, arm) => {
    const out = join(root, "out");
    rmSync(out, { recursive: true, force: true });
    mkdirSync(out);
    arm();
    const first = await create(out);
    failing.disarm();
    for (const name of readdirSync(out)) {
      assert.deepEqual(readFileSync(join(out, name)), readFileSync(join(right, name)), `${name} is whole`);
    }
    const second = await create(out);
    assert.equal(second.code, 0, second.out);
    assert.deepEqual(treeOf(out), treeOf(right));
    return first.code === 0 ? "went on" : codeOf(first);
  });
});

/** The code of a command that failed as the contract has it: exit code 1, and a sentence that names the place. */
function codeOf({ code, out }: Ended): string {
  const { error } = JSON.parse(out) as { error: { code: string; message: string } };
  assert.equal(code, 1, out);
  assert.match(error.code, /^(?:storage|cli)\./, out);
  assert.ok(error.message.includes(root), out);
  return error.code;
}

test("publishing survives EIO, ENOSPC, EDQUOT of each operation: a release has its whole payload, or is not there", async (t) => {
  const data = join(root, "data");
  const expected = treeOf(payload);
  await failEach(t, failing, { codes, step: isComplete ? 1 : 29 }, async (_at, arm) => {
    begin();
    mkdirSync(data);
    await using origin = await openOrigin(data);
    arm();
    const first = await publish(origin, payload, details("1.0")).catch((error: unknown) => error);
    failing.disarm();
    if (first instanceof Error) {
      assert.ok(first instanceof CodedError, String(first));
      assert.ok(first.message.includes(root), first.message);
    }
    const [release] = await origin.catalogue.releases("update");
    if (release !== undefined) {
      const path = await origin.payloads.artifactPath(release, "release");
      assert.ok(path !== null, "a release has its payload");
      assert.deepEqual(treeOf(path), expected);
    }
    const second = await publish(origin, payload, details("1.0"));
    assert.equal(second.kind, release === undefined ? "published" : "same");
    assert.deepEqual(treeOf(join(data, "payloads", "update", "1.0", "release")), expected);
    const found = await reconcilePayloads(origin.payloads, origin.catalogue);
    assert.deepEqual([found.missing, found.quarantined, found.restored, found.removed], [[], [], [], []]);
    await FolderPayloadStore.open(data, { ...systemClock, wallMs: () => Date.now() + 2 * STAGING_LEFTOVER_MS });
    assert.deepEqual(readdirSync(join(data, "staging")), [], "nothing stays in staging");
    return first instanceof CodedError ? first.code : "went on";
  });
});
