// One run of the crowd bench: a tracker on the switch, N machines that wait, then the origin. The clock starts with the
// origin (its first line, or its start where it prints none), and no sooner than all machines have announced and the CPU
// is idle. Every machine's payload is compared with the publisher's at the end.

import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { createHash } from "node:crypto";
import { createReadStream, mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";
import { pipeline } from "node:stream/promises";
import { benchFolder, owned } from "./leave-nothing.ts";
import { boundSeconds, linksOf } from "./crowd-case.ts";
import type { CrowdCase, CrowdSize } from "./crowd-case.ts";
import type { CrowdClient, CrowdPlace } from "./crowd-client.ts";
import type { CrowdSample } from "./crowd-sampler.ts";
import { Lab, SWITCH_ADDRESS } from "./lab.ts";
import { MemoryReserve } from "./memory-reserve.ts";
import { fillFile } from "./payload.ts";
import { cpuSecondsOf, upswarm } from "./processes.ts";

export interface CrowdRun {
  /** Of each machine, from the start (or its arrival) to its last verified piece; null where it never came. */
  readonly seconds: readonly (number | null)[];
  readonly startedAt: number;
  readonly samples: readonly CrowdSample[];
  /** That all processes of the run spent while the clock ran. */
  readonly cpuSeconds: number;
}

interface Machine {
  readonly child: ChildProcess;
  readonly file: string;
  readonly arrivedAt: number;
  readonly doneAt: Promise<number>;
  isKilled: boolean;
}

const OUR_COMMAND = [process.execPath, upswarm];
const SAMPLER = join(import.meta.dirname, "crowd-sampler.ts");
const GIVE_UP_MS = 150_000;
/** The origin's link carries headers and messages too: one copy of payload is out by then for sure. */
const ONE_COPY_ON_THE_LINK = 1.06;
/** About what a machine takes beside its payload while the clock runs. */
const PROCESS_BYTES = 48 << 20;
const LOOK_MS = 200;
/** What an origin still says in LOOK_MS when it serves nobody. */
const QUIET_BYTES = 4_000;

export async function runCrowd(
  client: CrowdClient,
  crowdCase: CrowdCase,
  count: number,
  size: CrowdSize,
): Promise<CrowdRun> {
  const folder = benchFolder("/dev/shm/upswarm-crowd-");
  using lab = await Lab.open(count + 1, linksOf(crowdCase, size));
  using children = new Children(lab);
  try {
    return await run({ client, crowdCase, count, size, folder, children, lab });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

interface Scene {
  readonly client: CrowdClient;
  readonly crowdCase: CrowdCase;
  /** Machines besides the origin. */
  readonly count: number;
  readonly size: CrowdSize;
  readonly folder: string;
  readonly children: Children;
  readonly lab: Lab;
}

async function run(scene: Scene): Promise<CrowdRun> {
  const { client, crowdCase, count, size, folder, children, lab } = scene;
  const { place, scrapeUrl } = await publish(scene);
  const arrivesLater = crowdCase.arrivalSeconds > 0;
  const waiting = arrivesLater ? 0 : count;
  const machines = Array.from({ length: waiting }, (_, index) => machine(scene, place, index + 1));
  const sampler = children.start("switch", [process.execPath, SAMPLER, scrapeUrl, String(waiting)]);
  const watched = lines(sampler);
  const words = String((await watched.next()).value);
  if (words !== "ready") throw new Error(words);
  using _reserve = new MemoryReserve(folder, {
    filesBytes: count * size.sizeBytes,
    besideBytes: count * PROCESS_BYTES,
  });
  const cpuBefore = children.cpuSeconds();
  const origin = children.start(0, client.seed(place, lab.address(0)));
  if (client.saysReady) await lines(origin).next();
  const startedAt = Date.now();
  for (let host = waiting + 1; host <= count; host++) {
    machines.push(machine(scene, place, host));
    await sleep((crowdCase.arrivalSeconds * 1_000) / count);
  }
  const fate = new AbortController();
  const fates = Promise.all([
    killSome(machines, crowdCase.killedShare, boundSeconds(crowdCase, count, size) / 2, fate.signal),
    crowdCase.originLeaves ? killWhenOut(origin, lab, size.sizeBytes, fate.signal) : null,
  ]);
  const doneAt = await Promise.all(machines.map((one) => one.doneAt));
  fate.abort();
  await fates;
  const cpuSeconds = children.cpuSeconds() - cpuBefore;
  sampler.stdin?.write("stop\n");
  const samples = JSON.parse(String((await watched.next()).value)) as CrowdSample[];
  await checkAll(place.payload, machines, doneAt);
  const seconds = machines.flatMap(({ isKilled, arrivedAt }, index) => {
    const since = arrivesLater ? arrivedAt : startedAt;
    const ms = (doneAt[index] ?? Infinity) - since;
    return isKilled ? [] : [Number.isFinite(ms) ? ms / 1_000 : null];
  });
  return { seconds, startedAt, samples, cpuSeconds };
}

/** The payload, its metainfo and a tracker that serves it. */
async function publish({ client, folder, size, children }: Scene): Promise<{ place: CrowdPlace; scrapeUrl: string }> {
  const place = {
    folder,
    payload: join(folder, "payload.bin"),
    torrent: join(folder, "payload.torrent"),
    twin: join(folder, "twin.torrent"),
  };
  fillFile(place.payload, size.sizeBytes);
  const http = `${SWITCH_ADDRESS}:6969`;
  await lines(children.start("switch", [...OUR_COMMAND, "tracker", "--http", http, "--json"])).next();
  const words = [
    "create",
    place.payload,
    "-o",
    place.torrent,
    "--twin",
    place.twin,
    "--piece-length",
    size.pieceLength,
    "--json",
  ];
  await lines(children.start("switch", [...OUR_COMMAND, ...words, "--tracker", `http://${http}/announce`])).next();
  const torrent = client.usesTwin ? place.twin : place.torrent;
  const inspected = lines(children.start("switch", [...OUR_COMMAND, "inspect", torrent, "--json"]));
  const { infoHashV1 } = JSON.parse(String((await inspected.next()).value)) as { infoHashV1: string };
  return { place, scrapeUrl: `http://${http}/scrape?info_hash=${infoHashV1.replace(/../g, "%$&")}` };
}

function machine({ client, folder, children, lab }: Scene, place: CrowdPlace, host: number): Machine {
  const target = join(folder, `machine-${host}`);
  mkdirSync(target);
  const arrivedAt = Date.now();
  const child = children.start(host, client.get(place, lab.address(host), target));
  const done = lines(child)
    .next()
    .then(({ done: ended }) => (ended === true ? Infinity : Date.now()));
  const doneAt = Promise.race([done, sleep(GIVE_UP_MS, Infinity, { ref: false })]);
  return { child, file: join(target, "payload.bin"), arrivedAt, doneAt, isKilled: false };
}

async function killSome(
  machines: readonly Machine[],
  share: number,
  afterSeconds: number,
  signal: AbortSignal,
): Promise<void> {
  if (share === 0) return;
  await sleep(afterSeconds * 1_000, undefined, { signal }).catch(() => {});
  if (signal.aborted) return;
  for (const one of machines.slice(0, Math.floor(machines.length * share))) {
    one.isKilled = true;
    one.child.kill("SIGKILL");
  }
}

/** When one copy is out, or when it has sent about that much and sends nothing any more. */
async function killWhenOut(origin: ChildProcess, lab: Lab, sizeBytes: number, signal: AbortSignal): Promise<void> {
  let before = 0;
  while (!signal.aborted) {
    const sent = lab.sentBytes(0);
    if (sent >= sizeBytes * ONE_COPY_ON_THE_LINK || (sent >= sizeBytes && sent - before < QUIET_BYTES)) break;
    before = sent;
    await sleep(LOOK_MS, undefined, { signal }).catch(() => {});
  }
  origin.kill("SIGKILL");
}

/** Every machine that says it is done has the payload, byte for byte. */
async function checkAll(payload: string, machines: readonly Machine[], doneAt: readonly number[]): Promise<void> {
  const wanted = await sha256(payload);
  for (const [index, { file, isKilled }] of machines.entries()) {
    if (isKilled || doneAt[index] === Infinity) continue;
    if ((await sha256(file)) !== wanted) throw new Error(`${file} has other bytes.`);
  }
}

async function sha256(path: string): Promise<string> {
  const hash = createHash("sha256");
  await pipeline(createReadStream(path), hash);
  return hash.digest("hex");
}

/** Processes on the lab's hosts; all of them end with the run. */
class Children implements Disposable {
  readonly #lab: Lab;
  readonly #children: ChildProcess[] = [];

  constructor(lab: Lab) {
    this.#lab = lab;
  }

  start(host: number | "switch", words: readonly string[]): ChildProcess {
    const [command = "", ...args] = this.#lab.on(host, words);
    const child = owned(
      spawn(command, args, { stdio: ["pipe", "pipe", process.env.CROWD_DEBUG ? "inherit" : "ignore"] }),
    );
    this.#children.push(child);
    return child;
  }

  cpuSeconds(): number {
    return this.#children.reduce((sum, { pid = 0 }) => sum + cpuSecondsOf(pid), 0);
  }

  [Symbol.dispose](): void {
    for (const child of this.#children) child.kill("SIGKILL");
  }
}

function lines(child: ChildProcess): AsyncIterator<string> {
  if (child.stdout === null) throw new Error("no output");
  return createInterface(child.stdout)[Symbol.asyncIterator]();
}
