// A product's keys are taken back while its origin is served, by real commands: what its site, its swarms and people's own
// `get` make of it, and what somebody with the old key can still do.

import assert from "node:assert/strict";
import { once } from "node:events";
import { mkdtempSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import { join } from "node:path";
import { test } from "node:test";
import { parseAnnounceReply } from "../../src/announce/index.ts";
import { noise, scratchFolder } from "../processes/payloads.ts";
import { get, Upswarm, type Json } from "../processes/upswarm.ts";
import { beside, makeOrigin, PASSPHRASE, serve, type OriginPlace } from "./whole-origin.ts";

const DEADLINE_MS = 5_000;
const scratch = scratchFolder();
const passphraseFile = join(scratch, "passphrase");
writeFileSync(passphraseFile, PASSPHRASE);
const newFolder = (): string => mkdtempSync(join(scratch, "of-"));

interface Scene {
  readonly place: OriginPlace;
  /** Runs a command on the origin's folder. */
  readonly run: (...argv: string[]) => Promise<Json>;
  readonly refused: (...argv: string[]) => Promise<string>;
  readonly publish: (version: string, key: string) => Promise<Json>;
  readonly key: (name: string) => string;
}

async function openScene(): Promise<Scene> {
  const place = await makeOrigin();
  const folder = newFolder();
  const where = ["--data", place.path, "--passphrase-file", passphraseFile];
  const run = async (...argv: string[]): Promise<Json> => {
    await using child = new Upswarm([...argv, ...where]);
    return await child.result();
  };
  const refused = async (...argv: string[]): Promise<string> => {
    await using child = new Upswarm([...argv, ...where]);
    const code = await child.end();
    return `${code} ${(JSON.parse(child.lines[0] ?? "{}") as { error: { code: string } }).error.code}`;
  };
  const key = (name: string): string =>
    name === "targets" ? join(place.path, "offline-keys", "targets.json") : join(folder, name);
  const publish = async (version: string, name: string): Promise<Json> => {
    const path = join(folder, `update-${version}.bin`);
    writeFileSync(path, noise(200_000, Number.parseInt(version.replaceAll(".", ""), 10)));
    return await run("publish", path, "--product", "update", "--version", version, "--key", key(name));
  };
  await publish("1.0", "targets");
  await run("keys", "delegate", "update", "--new-key", key("publisher.json"));
  await publish("1.1", "publisher.json");
  await publish("1.2", "publisher.json");
  return { place, run, refused, publish, key };
}

/** The version that a person gets, or the exit code and why. */
async function gotten(source: string): Promise<string> {
  await using child = get(source, newFolder(), "--local-discovery", "off");
  const code = await child.end();
  const said = JSON.parse(child.lines[0] ?? "{}") as { version?: string; error?: { code: string } };
  return code === 0 ? (said.version ?? "") : `${code} ${said.error?.code}`;
}

async function within5s(what: string, holds: () => Promise<boolean>): Promise<void> {
  const deadline = performance.now() + DEADLINE_MS;
  while (!(await holds())) {
    assert.ok(performance.now() < deadline, `After five seconds still not: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

async function statusOf(url: string): Promise<number> {
  const response = await fetch(url);
  await response.arrayBuffer();
  return response.status;
}

async function isTracked({ place }: Scene, infoHash: string): Promise<boolean> {
  const query = `info_hash=${infoHash.replace(/../g, "%$&")}&peer_id=-XX0000-abcdefghijkl&port=9&uploaded=0&downloaded=0&left=1&compact=1`;
  const response = await fetch(`${place.config.trackers[0]}?${query}`);
  return parseAnnounceReply(Buffer.from(await response.arrayBuffer())).kind === "reply";
}

function doorsOf({ place: { url } }: Scene, version: string): readonly string[] {
  const name = `update-${version}.bin`;
  return [
    `${url}/update/${version}`,
    `${url}/update/${version}/${name}.torrent`,
    `${url}/files/update/${version}/${name}`,
    `${url}/download/update/${version}/${name}`,
  ];
}

test("when a product's keys are taken back, a running origin serves what is signed anew and nothing else, and people get just that", async () => {
  const scene = await openScene();
  const { place, run, refused, publish, key } = scene;
  await using origin = await serve(place);
  const page = `${place.url}/update`;
  const before = await origin.parts.catalogue.release({ product: "update", version: "1.2" });
  assert.ok(before !== null && (await isTracked(scene, before.infoHashV1)));
  assert.deepEqual([await gotten(page), await gotten(`${page}/1.1`)], ["1.2", "1.1"]);

  const revoked = await run("keys", "revoke-delegation", "update", "--keep", "1.1", "--reason", "Its key was stolen.");
  assert.deepEqual([revoked["kept"], revoked["dropped"]], [["1.1"], ["1.2"]]);
  assert.deepEqual(revoked["channels"], [{ channel: "stable", version: "1.1" }]);
  await within5s("1.2 is refused by everybody", async () => {
    const statuses = await Promise.all(doorsOf(scene, "1.2").map(statusOf));
    const { seeds } = await origin.parts.swarms.live(before);
    return statuses.every((status) => status === 410) && seeds === 0 && !(await isTracked(scene, before.infoHashV1));
  });
  assert.match(await (await fetch(`${page}/1.2`)).text(), /Its key was stolen\./);
  for (const version of ["1.0", "1.1"]) {
    for (const door of doorsOf(scene, version)) assert.equal(await statusOf(door), 200, door);
  }
  assert.deepEqual(
    [await gotten(page), await gotten(`${page}/1.1`), await gotten(`${page}/1.0`), await gotten(`${page}/1.2`)],
    ["1.1", "1.1", "1.0", "4 release.withdrawn"],
  );
  const keysPage = await (await fetch(`${place.url}/keys`)).text();
  assert.ok(!keysPage.includes(">update<"), "the page of keys names no role of the product");

  assert.equal(await refused("keys", "revoke-delegation", "update", "--keep-none"), "2 usage.argument");
  await assert.rejects(publish("1.3", "publisher.json"), /release\.signature/);
  await publish("1.3", "targets");
  await run("keys", "delegate", "update", "--new-key", key("next.json"));
  await assert.rejects(publish("1.4", "publisher.json"), /release\.signature/);
  await publish("1.4", "next.json");
  assert.deepEqual([await gotten(page), await gotten(`${page}/1.1`)], ["1.4", "1.1"]);
  // What is dropped comes back by the keys that sign the product now.
  assert.equal(await refused("restore", "update", "1.2"), "1 key.threshold");
  await run("restore", "update", "1.2", "--keys", key("next.json"));
  await within5s("1.2 is back", async () => (await statusOf(doorsOf(scene, "1.2")[3] ?? "")) === 200);
  assert.deepEqual([await gotten(`${page}/1.2`), await gotten(page)], ["1.2", "1.4"]);
});

test("with --keep-none nothing is kept, and the order of a key's releases decides with --keep-until", async () => {
  const { place, run, refused } = await openScene();
  for (const words of [
    [],
    ["--keep-all", "--keep-until", "1.1"],
    ["--keep-none", "--keep-until", "1.1"],
    ["--keep-none", "--keep", "1.1"],
  ]) {
    assert.equal(await refused("keys", "revoke-delegation", "update", ...words), "2 usage.option");
  }
  assert.equal(await refused("keys", "revoke-delegation", "update", "--keep-until", "1.0"), "1 release.not-found");
  assert.equal(await refused("keys", "revoke-delegation", "viewer", "--keep-none"), "2 usage.argument");
  assert.equal(await refused("keys", "revoke-delegation", "targets", "--keep-none"), "2 release.name");
  const until = await run("keys", "revoke-delegation", "update", "--keep-until", "1.1", "--kind", "recall");
  assert.deepEqual([until["kept"], until["dropped"]], [["1.1"], ["1.2"]]);
  await using origin = await beside(place);
  const withdrawal = (await origin.catalogue.release({ product: "update", version: "1.2" }))?.withdrawal;
  assert.deepEqual([withdrawal?.kind, withdrawal?.vendorUrl], ["recall", null]);
  assert.equal(await origin.payloads.artifactPath({ product: "update", version: "1.2" }, "update-1.2.bin"), null);
  const other = await openScene();
  const nothing = await other.run("keys", "revoke-delegation", "update", "--keep-none");
  assert.deepEqual([nothing["kept"], nothing["dropped"]], [[], ["1.1", "1.2"]]);
});

test("a stale mirror with the old key does not lead anybody back behind the revocation", async () => {
  const { place, run } = await openScene();
  const page = `${place.url}/update`;
  const recorded = await recording(place);
  {
    await using _origin = await serve(place);
    assert.equal(await gotten(page), "1.2");
    await run("keys", "revoke-delegation", "update", "--keep-until", "1.1");
    assert.equal(await gotten(page), "1.1");
  }
  // From here on somebody else answers at the same address, with all that was signed before.
  const mirror = await stuckAt(place, recorded);
  try {
    assert.equal(await gotten(page), "3 release.verification");
    assert.equal(await gotten(`${page}/1.2`), "3 release.verification");
  } finally {
    mirror.close();
    mirror.closeAllConnections();
  }
  await using _again = await serve(place);
  assert.equal(await gotten(page), "1.1", "what the mirror sent has spoilt nothing");
});

/** All that an origin serves about its releases' signatures, by path. */
async function recording(place: OriginPlace): Promise<ReadonlyMap<string, Buffer>> {
  await using origin = await beside(place);
  const files = new Map<string, Buffer>();
  for (const [name, bytes] of await origin.catalogue.currentlySigned()) files.set(`/tuf/${name}`, bytes);
  for (const { servedAs } of (await origin.signing.repository()).targetFiles().values()) {
    files.set(`/tuf/targets/${servedAs}`, (await origin.signing.targetFile(servedAs)) ?? Buffer.alloc(0));
  }
  return files;
}

async function stuckAt({ ports }: OriginPlace, files: ReadonlyMap<string, Buffer>): Promise<Server> {
  const server = createServer((request, response) => {
    const [, version = null] = /^\/update(?:\/([^/]+))?$/.exec(request.url ?? "") ?? [];
    const where = { metadataUrl: "/tuf/", targetUrl: "/tuf/targets/" };
    const isPage = (request.url ?? "").startsWith("/update");
    const bytes = isPage
      ? Buffer.from(JSON.stringify({ upswarm: 1, product: "update", version, ...where }))
      : files.get(decodeURIComponent(request.url ?? ""));
    response.writeHead(bytes === undefined ? 404 : 200).end(bytes);
  });
  server.listen(ports.http, "127.0.0.1");
  await once(server, "listening");
  return server;
}
