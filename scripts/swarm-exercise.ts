// One payload through every kind of swarm: five machines at once; each stock client as the only seed and as the only
// downloader; all of them in one swarm. Every step is made of real processes, and checks what arrived.

import assert from "node:assert/strict";
import { basename, dirname, join } from "node:path";
import { performance } from "node:perf_hooks";
import { freePort } from "../test/processes/free-port.ts";
import { Aria2 } from "../test/processes/clients/aria2.ts";
import { missing } from "../test/processes/clients/installed.ts";
import { Libtorrent } from "../test/processes/clients/libtorrent.ts";
import { create, get, seed, tracker } from "../test/processes/upswarm.ts";
import type { GetResult, Upswarm } from "../test/processes/upswarm.ts";

export interface Payload {
  readonly what: string;
  readonly path: string;
  /** Throws where what a client received is not the payload. What it says is shown: "SHA-1 and SHA-512 are the vendor's". */
  readonly check: (received: string, client: "upswarm" | "libtorrent" | "aria2") => string;
}

export interface Row {
  readonly step: string;
  readonly outcome: string;
  readonly seconds: number | null;
  /** What the origin sent, in copies of the payload. */
  readonly copies: number | null;
}

interface Stage {
  readonly payload: Payload;
  readonly name: string;
  readonly lengthBytes: number;
  readonly folder: string;
  readonly torrent: string;
  readonly twin: string;
}

type Step = (stage: Stage, into: string) => Promise<Omit<Row, "step">>;

const MACHINES = 5;

/** For the swarm of all: slow enough that nobody is done before the others have come. */
const SHARED_UPLINK = "25MB/s";

export async function exercise(payload: Payload, folder: string, report: (row: Row) => void): Promise<void> {
  const { child, http, udp } = await tracker();
  await using _tracker = child;
  const torrent = join(folder, "payload.torrent");
  const twin = join(folder, "payload.v1.torrent");
  const beganAt = performance.now();
  const options = ["--twin", twin, "--tracker", http, "--tracker", udp];
  const made = (await create(payload.path, torrent, ...options)) as unknown as { lengthBytes: number };
  const { lengthBytes } = made;
  const stage = { payload, name: basename(payload.path), lengthBytes, folder, torrent, twin };
  report({ step: "create, hybrid and v1 twin", outcome: "written", seconds: since(beganAt), copies: null });
  for (const [index, [step, needs, run]] of steps.entries()) {
    const reason = missing(...needs);
    if (reason !== false) report({ step, outcome: `left out: ${reason}`, seconds: null, copies: null });
    else report({ step, ...(await run(stage, join(folder, `step-${index}`))) });
  }
}

const steps: readonly (readonly [string, readonly ("libtorrent" | "aria2")[], Step])[] = [
  [`get on ${MACHINES} machines at once, from one seed`, [], machines],
  ["get, libtorrent is the only seed", ["libtorrent"], fromLibtorrent],
  ["libtorrent downloads, we are the only seed", ["libtorrent"], toLibtorrent],
  ["get, aria2 is the only seed (by the twin)", ["aria2"], fromAria2],
  ["aria2 downloads (by the twin), we are the only seed", ["aria2"], toAria2],
  [`one swarm: 2 × get, libtorrent, aria2; one seed at ${SHARED_UPLINK}`, ["libtorrent", "aria2"], together],
];

async function machines(stage: Stage, into: string): Promise<Omit<Row, "step">> {
  await using seeding = (await seed(stage.torrent, stage.payload.path, "--super")).child;
  const gets = Array.from({ length: MACHINES }, (_, index) => get(stage.torrent, join(into, String(index))));
  const results = await Promise.all(gets.map((child) => child.result<GetResult>()));
  const outcomes = results.map(({ path }) => stage.payload.check(path, "upswarm"));
  return done(outcomes[0], Math.max(...results.map(({ seconds }) => seconds)), await copiesOf(stage, seeding));
}

async function fromLibtorrent(stage: Stage, into: string): Promise<Omit<Row, "step">> {
  const folder = dirname(stage.payload.path);
  await using theirs = new Libtorrent({ torrent: stage.torrent, folder, seed: true });
  await theirs.event("tracker_reply");
  return await byGet(stage, into);
}

async function toLibtorrent(stage: Stage, into: string): Promise<Omit<Row, "step">> {
  await using seeding = (await seed(stage.torrent, stage.payload.path)).child;
  const beganAt = performance.now();
  await using theirs = new Libtorrent({ torrent: stage.torrent, folder: into });
  await theirs.event("finished");
  const seconds = since(beganAt);
  return done(stage.payload.check(join(into, stage.name), "libtorrent"), seconds, await copiesOf(stage, seeding));
}

async function fromAria2(stage: Stage, into: string): Promise<Omit<Row, "step">> {
  // It may write pad files and its control file beside what it seeds: it gets a copy of its own.
  const folder = join(into, "seed");
  await copyForAria2(stage, folder);
  await using _aria2 = new Aria2({ torrent: stage.twin, folder, port: await freePort(), seed: true });
  return await byGet(stage, join(into, "get"));
}

async function toAria2(stage: Stage, into: string): Promise<Omit<Row, "step">> {
  await using seeding = (await seed(stage.torrent, stage.payload.path)).child;
  const beganAt = performance.now();
  await using aria2 = new Aria2({ torrent: stage.twin, folder: into, port: await freePort() });
  assert.equal(await aria2.end(), 0, aria2.lines.slice(-20).join("\n"));
  const seconds = since(beganAt);
  return done(stage.payload.check(join(into, stage.name), "aria2"), seconds, await copiesOf(stage, seeding));
}

async function together(stage: Stage, into: string): Promise<Omit<Row, "step">> {
  const options = ["--super", "--max-upload", SHARED_UPLINK];
  await using seeding = (await seed(stage.torrent, stage.payload.path, ...options)).child;
  const beganAt = performance.now();
  await using first = get(stage.torrent, join(into, "first"), "--seed-for", "forever");
  await using second = get(stage.torrent, join(into, "second"), "--seed-for", "forever");
  await using libtorrent = new Libtorrent({ torrent: stage.torrent, folder: join(into, "libtorrent") });
  await using aria2 = new Aria2({ torrent: stage.twin, folder: join(into, "aria2"), port: await freePort() });
  const [, , , aria2Code] = await Promise.all([
    first.object(0),
    second.object(0),
    libtorrent.event("finished"),
    aria2.end(),
  ]);
  assert.equal(aria2Code, 0, aria2.lines.slice(-20).join("\n"));
  const seconds = since(beganAt);
  for (const machine of ["first", "second"]) stage.payload.check(join(into, machine, stage.name), "upswarm");
  stage.payload.check(join(into, "libtorrent", stage.name), "libtorrent");
  stage.payload.check(join(into, "aria2", stage.name), "aria2");
  const passedOn = (await Promise.all([first, second].map(uploadedBy))).reduce((sum, bytes) => sum + bytes, 0);
  const outcome = `all four have it; the two get passed on ${(passedOn / stage.lengthBytes).toFixed(2)} copies`;
  return done(outcome, seconds, await copiesOf(stage, seeding));
}

async function byGet(stage: Stage, into: string): Promise<Omit<Row, "step">> {
  await using getting = get(stage.torrent, into);
  const { path, seconds, bytes } = await getting.result<GetResult>();
  assert.equal(bytes.hashFailed, 0);
  return done(stage.payload.check(path, "upswarm"), seconds, null);
}

/** What a `get` that was seeding has sent, by its last word on progress. */
async function uploadedBy(getting: Upswarm): Promise<number> {
  getting.kill("SIGINT");
  assert.equal(await getting.end(), 0, getting.err);
  const last = getting.err.split("\n").findLast((line) => line.startsWith('{"type":"progress"'));
  return (JSON.parse(last ?? "") as GetResult).bytes.uploaded;
}

async function copyForAria2(stage: Stage, folder: string): Promise<void> {
  await using _seeding = (await seed(stage.torrent, stage.payload.path)).child;
  await using aria2 = new Aria2({ torrent: stage.twin, folder, port: await freePort() });
  assert.equal(await aria2.end(), 0, aria2.lines.slice(-20).join("\n"));
}

async function copiesOf(stage: Stage, seeding: Upswarm): Promise<number> {
  const { uploadedBytes } = await seeding.stop<{ uploadedBytes: number }>();
  return uploadedBytes / stage.lengthBytes;
}

function done(outcome: string | undefined, seconds: number, copies: number | null): Omit<Row, "step"> {
  return { outcome: outcome ?? "", seconds, copies };
}

function since(beganAt: number): number {
  return (performance.now() - beganAt) / 1000;
}
