// `upswarm get` of a release's page, from an origin on loopback: what a person sees, and the exit codes.

import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { once } from "node:events";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { parseMetainfo } from "../metainfo/index.ts";
import {
  createKeyFile,
  createRepository,
  parseReleaseRecord,
  Repository,
  type ReleaseRecord,
  type Signer,
  type WithdrawalRecord,
} from "../release/index.ts";
import { temporaryFolder, upswarm, type Ended } from "./fake-process.test.ts";

const root = temporaryFolder();
const at = (...names: string[]): string => join(root, ...names);
const payload = Buffer.alloc(300_000, "a release");
const hex = (algorithm: string, bytes: Buffer): string => createHash(algorithm).update(bytes).digest("hex");

let keys: { readonly root: Signer; readonly targets: Signer; readonly online: Signer };
let repository: Repository;
let metainfo: Buffer;
let base = "";
/** How the origin answers for the page of a release that it has withdrawn. */
let tombstone: 410 | 451 | null = null;

const server = createServer((request, response) => {
  const path = decodeURIComponent(request.url ?? "");
  const page = /^\/editor(?:\/([^/]+))?$/.exec(path);
  if (page !== null) answerPage(page[1] ?? null, request, response);
  else if (path === "/files/editor.bin") answerRange(request, response);
  else {
    const target = repository.targetFile(path.replace("/tuf/targets/", ""));
    const bytes =
      repository.files.get(path.replace("/tuf/", "")) ?? (target === null ? null : (target.bytes ?? metainfo));
    response.writeHead(bytes === null ? 404 : 200).end(bytes);
  }
});

function answerPage(version: string | null, request: IncomingMessage, response: ServerResponse): void {
  if (!String(request.headers.accept).startsWith("application/json")) response.end("<!doctype html>");
  else if (tombstone !== null) response.writeHead(tombstone).end("<!doctype html>");
  else {
    const where = { metadataUrl: "/tuf/", targetUrl: "/tuf/targets/" };
    response.end(JSON.stringify({ upswarm: 1, product: "editor", version, ...where }));
  }
}

function answerRange(request: IncomingMessage, response: ServerResponse): void {
  const [, from = "0", to = ""] = /^bytes=(\d+)-(\d+)$/.exec(request.headers.range ?? "") ?? [];
  const end = to === "" ? payload.length - 1 : Number(to);
  const range = `bytes ${from}-${end}/${payload.length}`;
  response.writeHead(206, { "content-range": range }).end(payload.subarray(Number(from), end + 1));
}

before(async () => {
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  mkdirSync(at("publisher"));
  writeFileSync(at("publisher", "editor.bin"), payload);
  const files = ["-o", at("e.torrent"), "--twin", at("e.v1.torrent"), "--web-seed", `${base}/files/editor.bin`];
  assert.equal((await upswarm(["create", at("publisher", "editor.bin"), ...files])).code, 0);
  metainfo = readFileSync(at("e.torrent"));
  const key = (purpose: "root" | "targets" | "online"): Promise<Signer> =>
    createKeyFile({ path: at(`${purpose}.json`), purpose, passphrase: purpose === "online" ? null : "p", cost: 16 });
  keys = { root: await key("root"), targets: await key("targets"), online: await key("online") };
  publish();
});

after(() => {
  server.close();
  server.closeAllConnections();
});

/** A repository with one release, editor 1.0. */
function publish(): void {
  const signing = { onlineSigner: keys.online, now: Date.now() };
  const signers = { rootSigners: [keys.root], rootThreshold: 1, targetsSigners: [keys.targets], targetsThreshold: 1 };
  const empty = Repository.parse(createRepository({ ...signers, ...signing }));
  repository = empty.next(empty.addRelease({ record: record(), metainfo, signers: [keys.targets], ...signing }));
}

function record(): ReleaseRecord {
  const { infoHashV1, infoHashV2, name } = parseMetainfo(metainfo);
  const infoHashTwin = parseMetainfo(readFileSync(at("e.v1.torrent"))).infoHashV1;
  const hashes = { sha256: hex("sha256", payload), sha1: hex("sha1", payload), infoHashV1, infoHashV2, infoHashTwin };
  const what = { product: "editor", version: "1.0", channel: "stable", sequence: 1, name, kind: "file", fileCount: 1 };
  const rest = {
    lengthBytes: payload.length,
    vendor: null,
    notes: null,
    status: "published",
    publishedAt: "2026-11-25T12:00:00Z",
  };
  return parseReleaseRecord({ schema: 1, ...what, ...hashes, ...rest });
}

function withdraw(): void {
  const withdrawal: WithdrawalRecord = {
    schema: 1,
    product: "editor",
    version: "1.0",
    kind: "legal",
    at: "2026-11-25T13:00:00Z",
    reason: "A notice",
    demandedBy: "Example Rights Ltd",
    vendorUrl: "https://vendor.example/",
    replacedBy: null,
  };
  const files = repository.withdraw({ record: withdrawal, onlineSigner: keys.online, now: Date.now() });
  repository = repository.next(files);
}

/** `upswarm get` as a person of that name: each has a memory of their own. */
function get(person: string, source: string, ...options: string[]): Promise<Ended> {
  mkdirSync(at(person), { recursive: true });
  const env = { XDG_DATA_HOME: at(person, "data"), HOME: at(person) };
  const quiet = ["--local-discovery", "off", "--listen", "127.0.0.1:0", "--progress", "none"];
  return upswarm(["get", source, "-o", at(person), ...quiet, ...options], { env });
}

test("get of a product's page proves the newest release and fetches it", async () => {
  const ended = await get("anna", `${base}/editor`, "--json");
  assert.equal(ended.code, 0, ended.err);
  const result = JSON.parse(ended.out) as Record<string, unknown>;
  const { product, version, channel, vouchedBy, path } = result;
  assert.deepEqual([product, version, channel], ["editor", "1.0", "stable"]);
  assert.equal(vouchedBy, `root ${repository.fingerprint}`);
  assert.deepEqual(readFileSync(String(path)), payload);
  assert.match(
    ended.err,
    new RegExp(`First use of 127\\.0\\.0\\.1:\\d+: .*root ${repository.fingerprint} is trusted.*anna`),
  );
  assert.match(ended.err, /editor 1\.0 \(stable, 293\.0 KiB\), signed by root/);
  assert.doesNotMatch(ended.err, /Nothing vouches/);
  const again = await get("anna", `${base}/editor/1.0`, "--no-first-use");
  assert.equal(again.code, 0, again.err);
  assert.doesNotMatch(again.err, /First use/);
});

test("get refuses an unknown origin where first use is forbidden, and takes it by its root's file", async () => {
  const refused = await get("berta", `${base}/editor`, "--no-first-use", "--json");
  assert.equal(refused.code, 4);
  assert.equal((JSON.parse(refused.out) as { error: { code: string } }).error.code, "release.first-use");
  writeFileSync(at("root.json"), repository.files.get("1.root.json") ?? "");
  const pinned = await get("berta", `${base}/editor`, "--no-first-use", "--root", at("root.json"));
  assert.equal(pinned.code, 0, pinned.err);
  const other = await get("berta", `${base}/editor`, "--root", at("publisher", "editor.bin"));
  assert.equal(other.code, 1, "a file too long for a root is not read");
  writeFileSync(at("wrong.json"), "{}");
  assert.equal((await get("clara", `${base}/editor`, "--root", at("wrong.json"))).code, 3);
  assert.equal((await get("clara", `${base}/editor`, "--root", at("absent.json"))).code, 1);
});

test("get of a page without a release, of another channel or of a page that is none says so", async () => {
  assert.equal((await get("dora", `${base}/editor`, "--channel", "beta")).code, 1);
  assert.equal((await get("dora", `${base}/editor/2.0`)).code, 1);
  assert.equal((await get("dora", `${base}/editor`, "--channel", "Beta!")).code, 2);
  assert.equal((await get("dora", `${base}/viewer`)).code, 1);
  assert.equal((await get("dora", `${base}/editor`, "--recheck", "10ms")).code, 2);
});

test("get stops seeding with exit code 4 when the release is withdrawn meanwhile", async () => {
  const seeding = get("emil", `${base}/editor`, "--seed-for", "1h", "--recheck", "1s", "--json");
  const deadline = AbortSignal.timeout(60_000);
  while (!existsSync(at("emil", "editor.bin"))) {
    deadline.throwIfAborted();
    await once(server, "request", { signal: deadline });
  }
  withdraw();
  const ended = await seeding;
  assert.equal(ended.code, 4, ended.err);
  assert.equal((JSON.parse(ended.out) as { version: string }).version, "1.0");
  assert.match(
    ended.err,
    /editor 1\.0 was withdrawn for legal reasons on the demand of Example Rights Ltd: A notice\./,
  );
  publish();
});

test("get refuses a withdrawn release with exit code 4, also where its page is gone, and points to the vendor", async () => {
  withdraw();
  for (const status of [null, 410, 451] as const) {
    tombstone = status;
    for (const page of ["/editor", "/editor/1.0"]) {
      const ended = await get(`franz-${status}`, `${base}${page}`, "--json");
      assert.equal(ended.code, 4, ended.err);
      const { code, message } = (JSON.parse(ended.out) as { error: { code: string; message: string } }).error;
      assert.equal(code, "release.withdrawn");
      assert.match(message, /The vendor's own page: https:\/\/vendor\.example\//);
    }
  }
  publish();
  const unexplained = await get("gustav", `${base}/editor`, "--json");
  assert.equal(unexplained.code, 0, "the signed metadata says that it is there, whatever the page says");
  tombstone = null;
});
