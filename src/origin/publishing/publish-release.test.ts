import assert from "node:assert/strict";
import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { ORIGIN_SIGNING_ATTEMPTS_MAX } from "../../core/index.ts";
import type { Withdrawal } from "../domain.ts";
import { createPublishLock } from "./publish-lock.ts";
import { details, openOrigin, publish, sampleOrigin, sign, signNext, type SampleOrigin } from "./sample-origin.test.ts";

const withdrawal: Withdrawal = {
  kind: "legal",
  at: 1,
  reason: "On a notice.",
  demandedBy: "Contoso",
  vendorUrl: null,
  replacedBy: null,
  caseId: null,
};

async function artifact(origin: SampleOrigin, text: string, name = "update.bin"): Promise<string> {
  const path = join(origin.folder, name);
  await writeFile(path, text);
  return path;
}

async function served(origin: SampleOrigin, version: string): Promise<string | null> {
  const path = await origin.payloads.artifactPath({ product: "update", version }, "update.bin");
  return path === null ? null : readFile(path, "utf8");
}

test("publishRelease() keeps the payload, signs and lists the release, with growing sequence numbers", async () => {
  await using origin = await sampleOrigin();
  for (const [index, version] of ["2.0", "1.0"].entries()) {
    const { kind, release } = await publish(origin, await artifact(origin, version), details(version));
    assert.deepEqual([kind, release.sequence, release.withdrawal], ["published", index + 1, null]);
    assert.deepEqual(await origin.catalogue.release(release), release);
    assert.equal(await served(origin, version), version);
    assert.ok(Math.abs(release.publishedAt - Date.now()) < 60_000);
  }
  assert.deepEqual(await readdir(join(origin.folder, "staging")), []);
});

test("publishRelease() of the same bytes again changes nothing and says so", async () => {
  await using origin = await sampleOrigin();
  const path = await artifact(origin, "bytes");
  const first = await publish(origin, path, details("1.0"));
  const before = await origin.catalogue.changeNumber();
  const again = await publish(origin, path, details("1.0", { notes: "other words" }));
  assert.deepEqual(again, { kind: "same", release: first.release });
  assert.equal(await origin.catalogue.changeNumber(), before);
});

test("publishRelease() never replaces a version", async () => {
  await using origin = await sampleOrigin();
  await publish(origin, await artifact(origin, "bytes"), details("1.0"));
  for (const path of [await artifact(origin, "bytez"), await artifact(origin, "bytes", "renamed.bin")]) {
    await assert.rejects(publish(origin, path, details("1.0")), { code: "publish.exists" });
  }
  assert.equal(await served(origin, "1.0"), "bytes");
});

test("publishRelease() refuses bytes that are another release's, and those that were withdrawn", async () => {
  await using origin = await sampleOrigin();
  const path = await artifact(origin, "bytes");
  const { release } = await publish(origin, path, details("1.0"));
  await assert.rejects(publish(origin, path, details("1.1")), { code: "publish.duplicate", message: /update\/1\.0/ });
  const signed = signNext(await origin.catalogue.currentlySigned());
  await origin.catalogue.withdraw(release, withdrawal, signed);
  await origin.payloads.quarantine(release);
  for (const version of ["1.0", "1.1"]) {
    await assert.rejects(publish(origin, path, details(version)), {
      code: "publish.withdrawn",
      message: /On a notice/,
    });
  }
  await assert.rejects(publish(origin, path, details("1.0", { product: "copy" })), { code: "publish.withdrawn" });
  await origin.payloads.restore(release);
  assert.equal(await served(origin, "1.0"), "bytes");
});

test("publishRelease() signs again over what was signed meanwhile, ORIGIN_SIGNING_ATTEMPTS_MAX times", async () => {
  await using origin = await sampleOrigin();
  const signUntil = (attempts: number): typeof sign => {
    let count = 0;
    return async (_release, _metainfo, current) => {
      // The origin's own schedule, between reading and storing.
      if (++count < attempts) await origin.catalogue.sign(signNext(current));
      return signNext(current);
    };
  };
  const path = await artifact(origin, "bytes");
  const late = publish(origin, path, details("1.0"), { sign: signUntil(ORIGIN_SIGNING_ATTEMPTS_MAX + 1) });
  await assert.rejects(late, { code: "catalogue.conflict" });
  assert.equal(await served(origin, "1.0"), null);
  const { kind } = await publish(origin, path, details("1.0"), { sign: signUntil(ORIGIN_SIGNING_ATTEMPTS_MAX) });
  assert.equal(kind, "published");
});

test("publishRelease() that cannot sign leaves nothing behind", async () => {
  await using origin = await sampleOrigin();
  const path = await artifact(origin, "bytes");
  const refusal = new Error("no key");
  await assert.rejects(publish(origin, path, details("1.0"), { sign: () => Promise.reject(refusal) }), refusal);
  assert.equal(await origin.catalogue.release(details("1.0")), null);
  assert.deepEqual(await origin.payloads.list("payloads"), []);
  assert.deepEqual(await readdir(join(origin.folder, "staging")), []);
});

test("publishRelease() replaces what a crashed publish left, and nothing in quarantine", async () => {
  await using origin = await sampleOrigin();
  for (const version of ["1.0", "1.1"]) {
    await using staged = await origin.payloads.stage();
    await writeFile(join(staged.folder, "left.bin"), "left");
    await origin.payloads.keep(staged, details(version), "left.bin");
  }
  await origin.payloads.quarantine(details("1.1"));
  await publish(origin, await artifact(origin, "bytes"), details("1.0"));
  assert.equal(await served(origin, "1.0"), "bytes");
  await assert.rejects(publish(origin, await artifact(origin, "1.1"), details("1.1")), { code: "payload.exists" });
  assert.deepEqual(await origin.payloads.list("quarantine"), [{ product: "update", version: "1.1" }]);
});

test("publishRelease() at once from two processes' stores: all versions are there, and one of each", async () => {
  await using origin = await sampleOrigin();
  await using other = await openOrigin(origin.folder);
  const path = await artifact(origin, "same");
  const paths = [await artifact(origin, "a", "a.bin"), await artifact(origin, "b", "b.bin")];
  const outcomes = await Promise.all([
    publish(origin, path, details("1.0")),
    publish(other, path, details("1.0")),
    ...paths.map((each, index) => publish(other, each, details(`2.${index}`))),
  ]);
  assert.deepEqual(
    outcomes
      .slice(0, 2)
      .map(({ kind }) => kind)
      .toSorted(),
    ["published", "same"],
  );
  const releases = await origin.catalogue.releases("update");
  assert.deepEqual(
    releases.map(({ sequence }) => sequence),
    [3, 2, 1],
  );
});

test("publishRelease() refuses what was signed elsewhere as another than the next release", async () => {
  await using origin = await sampleOrigin();
  const path = await artifact(origin, "bytes");
  const signedAs = { sequence: 2, publishedAt: 1_700_000_000_000 };
  await assert.rejects(publish(origin, path, details("1.0"), { signedAs }), { code: "publish.stale", retryable: true });
  const { release } = await publish(origin, path, details("1.0"), { signedAs: { ...signedAs, sequence: 1 } });
  assert.equal(release.publishedAt, 1_700_000_000_000);
});

test("the publish lock is one's at a time, is waited for, and comes free with its process's store", async () => {
  await using origin = await sampleOrigin();
  const lock = createPublishLock({ path: join(origin.folder, "publish.lock"), waitMs: 20 });
  {
    await using _held = await origin.lock();
    await assert.rejects(lock(), { code: "publish.busy", retryable: true });
    const stop = new AbortController();
    const waiting = origin.lock(stop.signal);
    stop.abort(new Error("stopped"));
    await assert.rejects(waiting);
  }
  await using _free = await lock();
});
