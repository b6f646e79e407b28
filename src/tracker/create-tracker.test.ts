import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { parseInfoHash, parsePeerId } from "../core/index.ts";
import { createTracker } from "./create-tracker.ts";
import { httpClient } from "./test-clients.test.ts";
import { TrackerError } from "./tracker-error.ts";

const host = "127.0.0.1";
const failsWith = (code: string) => (error: unknown) => error instanceof TrackerError && error.code === code;

test("createTracker() refuses intervals that make no sense", async () => {
  for (const options of [
    { intervalSeconds: 0 },
    { intervalSeconds: Number.NaN },
    { intervalSeconds: 9, minIntervalSeconds: 10 },
  ]) {
    await assert.rejects(createTracker(options), failsWith("tracker.options"));
  }
});

test("createTracker() says so where a port is taken, and leaves nothing open", async () => {
  await using first = await createTracker({ http: { host, port: 0 }, udp: { host, port: 0 } });
  const [http, udp] = [first.http[0]?.port ?? 0, first.udp[0]?.port ?? 0];
  await assert.rejects(createTracker({ http: { host, port: http } }), failsWith("tracker.listen"));
  await assert.rejects(
    createTracker({ http: { host, port: 0 }, udp: { host, port: udp } }),
    failsWith("tracker.listen"),
  );
  await assert.rejects(createTracker({ udp: { host: "192.0.2.1", port: 0 } }), failsWith("tracker.listen"));
});

test("createTracker() listens on every address that it is given", async () => {
  await using tracker = await createTracker({
    http: [
      { host, port: 0 },
      { host: "127.0.0.2", port: 0 },
    ],
  });
  assert.deepEqual(
    tracker.http.map(({ address }) => address),
    [host, "127.0.0.2"],
  );
});

test("reload() takes the allow-list's new lines, and keeps the old list where the new one is broken", async () => {
  const folder = await mkdtemp(join(tmpdir(), "upswarm-tracker-"));
  try {
    const allow = join(folder, "allow");
    const infoHash = parseInfoHash("ab".repeat(20));
    await assert.rejects(createTracker({ allow }), failsWith("tracker.allow-list"));
    await writeFile(allow, "# nothing yet\n");
    await using tracker = await createTracker({ allow, http: { host, port: 0 } });
    const endpoint = tracker.http[0];
    assert.ok(endpoint !== undefined);
    await using client = httpClient(endpoint);
    const counts = { uploaded: 0, downloaded: 0, left: 1, event: "started", numWant: null, key: 1 } as const;
    const asked = { infoHash, peerId: parsePeerId("01".repeat(20)), port: 1, ...counts };
    assert.equal((await client.announce(asked)).kind, "failure");
    await writeFile(allow, `${infoHash}${"0".repeat(24)}\n`);
    await tracker.reload();
    assert.equal((await client.announce(asked)).kind, "reply");
    await writeFile(allow, "no hash\n");
    await assert.rejects(tracker.reload(), failsWith("tracker.allow-list"));
    assert.equal((await client.announce(asked)).kind, "reply");
  } finally {
    await rm(folder, { recursive: true });
  }
});
