// A whole origin in one process, as the world sees it over its sockets.

import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { rename } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { parseAnnounceReply } from "../../src/announce/index.ts";
import { Session, StorageWorkers } from "../../src/engine/index.ts";
import { parseMetainfo } from "../../src/metainfo/index.ts";
import type { Release } from "../../src/origin/index.ts";
import { scratchFolder } from "../processes/payloads.ts";
import { beside, makeOrigin, publish, serve, type OriginPlace } from "./whole-origin.ts";

const DEADLINE_MS = 5_000;

/** Looks again and again until it holds; an origin has acted within five seconds. */
async function within5s(what: string, holds: () => Promise<boolean>): Promise<void> {
  const deadline = performance.now() + DEADLINE_MS;
  while (!(await holds())) {
    assert.ok(performance.now() < deadline, `After five seconds still not: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

async function statusOf(url: string, accept = "*/*"): Promise<number> {
  const response = await fetch(url, { headers: { accept } });
  await response.arrayBuffer();
  return response.status;
}

function doorsOf({ url }: OriginPlace, { product, version, name }: Release): Readonly<Record<string, string>> {
  return {
    torrent: `${url}/${product}/${version}/${name}.torrent`,
    twin: `${url}/${product}/${version}/${name}.v1.torrent`,
    webSeed: `${url}/files/${product}/${version}/${name}`,
    direct: `${url}/download/${product}/${version}/${name}`,
  };
}

async function announced({ config }: OriginPlace, infoHash: string): Promise<ReturnType<typeof parseAnnounceReply>> {
  const hash = infoHash.slice(0, 40).replace(/../g, "%$&");
  const query = `info_hash=${hash}&peer_id=-XX0000-abcdefghijkl&port=9&uploaded=0&downloaded=0&left=1&compact=1`;
  const response = await fetch(`${config.trackers[0]}?${query}`);
  return parseAnnounceReply(Buffer.from(await response.arrayBuffer()));
}

async function downloaded(metainfo: Buffer): Promise<Buffer> {
  await using workers = new StorageWorkers({ count: 1 });
  await using session = await Session.open({ listen: { host: "127.0.0.1", port: 0 }, workers });
  const directory = scratchFolder();
  const source = { ...parseMetainfo(metainfo), webSeeds: [] };
  const torrent = session.add({ source, mode: "download", directory });
  return readFileSync((await torrent.completed).path);
}

const sha256 = (bytes: Uint8Array): string => createHash("sha256").update(bytes).digest("hex");

test("a release is on the page, in the metadata, at the tracker, seeded and downloadable within five seconds of its publishing", async () => {
  const place = await makeOrigin();
  await using origin = await serve(place);
  const { release, bytes } = await publish(place, "1.0");
  const doors = doorsOf(place, release);
  for (const url of [...Object.values(doors), `${place.url}/update/1.0`, `${place.url}/update`]) {
    assert.equal(await statusOf(url), 200, url);
  }
  await within5s("the tracker serves it", async () => (await announced(place, release.infoHashV1)).kind === "reply");
  const torrent = Buffer.from(await (await fetch(doors["torrent"] ?? "")).arrayBuffer());
  assert.equal(sha256(await downloaded(torrent)), sha256(bytes));
  const direct = await fetch(doors["direct"] ?? "");
  assert.equal(sha256(new Uint8Array(await direct.arrayBuffer())), sha256(bytes));
  const live = await origin.parts.swarms.live(release);
  assert.ok(live.traffic.seedBytes >= bytes.length, `${live.traffic.seedBytes} bytes by the first seed`);
  assert.equal(live.traffic.directBytes, 2 * bytes.length);
  assert.equal(live.traffic.directDownloads, 2);
  assert.equal(live.traffic.webSeedBytes, bytes.length);
  assert.equal(live.traffic.completed, 1, "three info-hashes of one machine count once");
});

test("within five seconds of a withdrawal by another process everything refuses it, and of its restoring everything serves it again", async () => {
  const place = await makeOrigin();
  await using origin = await serve(place);
  const { release, bytes } = await publish(place, "2.0");
  const hashes = [release.infoHashV1, release.infoHashV2, release.infoHashTwin];
  const page = `${place.url}/update/2.0`;
  const doors = Object.values(doorsOf(place, release));
  const isServed = async (): Promise<boolean> => {
    const seeded = (await origin.parts.swarms.live(release)).seeds > 0;
    const replies = await Promise.all(hashes.map((hash) => announced(place, hash)));
    const statuses = await Promise.all([page, ...doors].map((url) => statusOf(url)));
    return seeded && replies.every(({ kind }) => kind === "reply") && statuses.every((status) => status === 200);
  };
  await within5s("it is served", isServed);
  // Somebody else's client, which nobody can recall.
  await announced(place, release.infoHashV1);
  for (const [kind, status] of [
    ["legal", 451],
    ["recall", 410],
  ] as const) {
    await using command = await beside(place);
    const why = {
      kind,
      reason: "A test.",
      demandedBy: "Rights Ltd",
      vendorUrl: "https://vendor.example/",
      replacedBy: null,
    };
    await command.lifecycle.withdraw(release, { ...why, caseId: null });
    await within5s(`everything refuses it (${kind})`, async () => {
      const replies = await Promise.all(hashes.map((hash) => announced(place, hash)));
      const statuses = await Promise.all([page, ...doors].map((url) => statusOf(url)));
      return replies.every((reply) => reply.kind === "failure") && statuses.every((answer) => answer === status);
    });
    const tombstone = await (await fetch(page)).text();
    assert.match(tombstone, /https:\/\/vendor\.example\//);
    assert.match(tombstone, /Rights Ltd/);
    assert.match(tombstone, /1 peer/, "who was in the swarm last");
    for (const door of doors) assert.ok(!tombstone.includes(new URL(door).pathname), "the tombstone has no door");
    assert.ok(!tombstone.includes("magnet:"));
    assert.equal(await command.payloads.artifactPath(release, release.name), null);
    await command.lifecycle.restore(release);
    await within5s("it is served again", isServed);
  }
  const direct = await fetch(doorsOf(place, release)["direct"] ?? "");
  assert.equal(sha256(new Uint8Array(await direct.arrayBuffer())), sha256(bytes));
});

test("a withdrawal disconnects who is downloading from the first seed", async () => {
  const place = await makeOrigin();
  await using origin = await serve(place);
  const { release } = await publish(place, "4.0");
  await within5s("it is seeded", async () => (await origin.parts.swarms.live(release)).seeds > 0);
  const torrentFile = await fetch(doorsOf(place, release)["torrent"] ?? "");
  const source = parseMetainfo(Buffer.from(await torrentFile.arrayBuffer()));
  await using workers = new StorageWorkers({ count: 1 });
  await using session = await Session.open({
    listen: { host: "127.0.0.1", port: 0 },
    workers,
    maxDownloadRate: 20_000,
  });
  const peers = [origin.listen];
  const stray = { source: { ...source, trackers: [], webSeeds: [] }, mode: "download", peers } as const;
  const torrent = session.add({ ...stray, directory: scratchFolder() });
  await within5s("it is connected", async () => torrent.stats().peers === 1);
  const why = { kind: "recall", reason: "A test.", demandedBy: null, vendorUrl: null, replacedBy: null } as const;
  await origin.parts.lifecycle.withdraw(release, { ...why, caseId: null });
  await within5s("it is disconnected", async () => torrent.stats().peers === 0);
  assert.ok(torrent.stats().haveBytes < release.lengthBytes);
});

test("a payload that a crash left at the wrong place is put right when the origin is served", async () => {
  const place = await makeOrigin();
  const { release } = await publish(place, "3.0");
  const lying = (where: string): string => join(place.path, where, "update", "3.0");
  {
    await using command = await beside(place);
    const why = { kind: "legal", reason: "A test.", demandedBy: null, vendorUrl: null, replacedBy: null } as const;
    await command.lifecycle.withdraw(release, { ...why, caseId: null });
  }
  await rename(lying("quarantine"), lying("payloads"));
  await using _origin = await serve(place);
  assert.equal(await statusOf(doorsOf(place, release)["direct"] ?? ""), 451);
  await using command = await beside(place);
  assert.equal(await command.payloads.artifactPath(release, release.name), null);
});

test("what is signed online is signed anew before it expires", async () => {
  const day = 86_400_000;
  let wallMs = Date.now();
  const clock = { now: () => performance.now(), wallMs: () => wallMs };
  const place = await makeOrigin(clock);
  const expiryOf = async (role: string): Promise<number> => {
    await using folder = await beside(place, clock);
    return (await folder.signing.status()).roles.find((one) => one.role === role)?.expiresAt ?? 0;
  };
  wallMs += 6 * day;
  assert.ok((await expiryOf("timestamp")) < wallMs);
  await using _origin = await serve(place, clock);
  for (const role of ["timestamp", "snapshot", "withdrawals"]) assert.ok((await expiryOf(role)) > wallMs, role);
});

test("an origin that cannot listen gives back what it had opened", async () => {
  const place = await makeOrigin();
  await using _origin = await serve(place);
  await assert.rejects(serve(place), (error: { code?: string }) => /listen|EADDRINUSE/.test(error.code ?? ""));
});
