import assert from "node:assert/strict";
import { test } from "node:test";
import { parseInfoHashV2 } from "../../core/index.ts";
import { buildTwin, parseMetainfo } from "../../metainfo/index.ts";
import { sampleMetainfo, sampleRelease } from "./fake-origin.test.ts";
import { TwinFiles } from "./twin-files.ts";

const twin = buildTwin(parseMetainfo(sampleMetainfo));

/** A catalogue that answers with `answer`, and what it was asked for. */
function counted(answer: () => Promise<Buffer | null> = () => Promise.resolve(sampleMetainfo)) {
  const asked: string[] = [];
  const metainfo = ({ version }: { readonly version: string }): Promise<Buffer | null> => {
    asked.push(version);
    return answer();
  };
  return { asked, metainfo };
}

test("TwinFiles makes a twin once, also for requests that come at once", async () => {
  const catalogue = counted();
  const twins = new TwinFiles(catalogue);
  const both = await Promise.all([twins.of(sampleRelease()), twins.of(sampleRelease())]);
  for (const bytes of [...both, await twins.of(sampleRelease())]) assert.deepEqual(bytes, twin);
  assert.deepEqual(catalogue.asked, ["1.0"]);
});

test("TwinFiles makes another one for other bytes under the same name", async () => {
  const catalogue = counted();
  const twins = new TwinFiles(catalogue);
  await twins.of(sampleRelease());
  await twins.of(sampleRelease({ infoHashV2: parseInfoHashV2("ab".repeat(32)) }));
  assert.equal(catalogue.asked.length, 2);
});

test("TwinFiles keeps so many bytes, those asked for last, and the newest in any case", async () => {
  const catalogue = counted();
  const twins = new TwinFiles(catalogue, 2 * twin.length);
  for (const version of ["1.0", "2.0", "1.0", "3.0", "1.0", "2.0"]) await twins.of(sampleRelease({ version }));
  assert.deepEqual(catalogue.asked, ["1.0", "2.0", "3.0", "2.0"]);
  const none = new TwinFiles(catalogue, 0);
  await none.of(sampleRelease());
  await none.of(sampleRelease());
  assert.equal(catalogue.asked.length, 5);
});

test("TwinFiles keeps nothing of what failed or is not there", async () => {
  const answers: (() => Promise<Buffer | null>)[] = [
    () => Promise.reject(new Error("the disk")),
    () => Promise.resolve(null),
    () => Promise.resolve(sampleMetainfo),
  ];
  const twins = new TwinFiles(counted(() => (answers.shift() ?? assert.fail)()));
  await assert.rejects(twins.of(sampleRelease()), /the disk/);
  assert.equal(await twins.of(sampleRelease()), null);
  assert.deepEqual(await twins.of(sampleRelease()), twin);
});
