// What is left where a release cannot be brought back after all; that it is withdrawn and restored is the whole origin's test.

import assert from "node:assert/strict";
import { rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { systemClock, type Log } from "../core/index.ts";
import { ReleaseError } from "../release/index.ts";
import { details, publish, sampleOrigin, signNext, temporaryFolder } from "./publishing/sample-origin.test.ts";
import { createLifecycle, type WithdrawalSigning } from "./release-lifecycle.ts";

const ref = { product: "update", version: "1.0" };
const why = { kind: "recall", reason: "A test.", demandedBy: null, vendorUrl: null, replacedBy: null } as const;

test("a release whose signature is taken back while it is restored stays withdrawn, its payload in quarantine", async () => {
  await using folder = await temporaryFolder();
  await using origin = await sampleOrigin();
  const { catalogue, payloads, lock: publishLock } = origin;
  const path = join(folder.path, "update.bin");
  await writeFile(path, "what is released");
  await publish(origin, path, details("1.0"));
  let isRevoked = false;
  const quarantine = join(origin.folder, "quarantine", "update");
  let isInTheWay = false;
  const signing: WithdrawalSigning = {
    withdraw: async () => signNext(await catalogue.currentlySigned()),
    restore: async () => {
      if (isRevoked) {
        if (isInTheWay) {
          await rm(quarantine, { recursive: true });
          await writeFile(quarantine, "no folder");
        }
        throw new ReleaseError("release.unsigned", "Nobody signs it any more.");
      }
      isRevoked = true;
      return signNext(await catalogue.currentlySigned());
    },
  };
  const events: string[] = [];
  const log: Log = { write: (_level, event) => void events.push(event) };
  const lifecycle = createLifecycle({
    catalogue,
    payloads,
    signing,
    publishLock,
    swarms: null,
    clock: systemClock,
    log,
  });
  const { withdrawal } = await lifecycle.withdraw(ref, { ...why, caseId: null });
  await assert.rejects(lifecycle.restore(ref), { code: "release.unsigned" });
  assert.deepEqual((await catalogue.release(ref))?.withdrawal, withdrawal);
  assert.deepEqual([await payloads.list("quarantine"), await payloads.list("payloads")], [[ref], []]);
  // Where it cannot be put back either, the first error is what is told.
  isRevoked = false;
  isInTheWay = true;
  await assert.rejects(lifecycle.restore(ref), { code: "release.unsigned" });
  assert.equal(events.at(-1), "release.not-quarantined");
  assert.deepEqual(await payloads.list("payloads"), [ref]);
});
