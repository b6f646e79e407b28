// `npm run soak -- --minutes 30`: one tracker, one seed and two peers, a process each, at full speed over loopback for so long,
// with churn: torrents are added and removed all the time, downloads are left and taken up again, and two more peers (`get`)
// are killed at random and come back. What each of the four holds is sampled; it must be flat (soak-judgement.ts), else the
// exit code is 1. `--json FILE` keeps the samples, `--save` writes docs/reference/soak.svg and soak.md. It ends by itself.

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { fillFile } from "./payload.ts";
import { output, start } from "./processes.ts";
import { judge, WARM_UP_SHARE } from "./soak-judgement.ts";
import type { Judgement, SoakSample } from "./soak-judgement.ts";
import { KilledPeer } from "./soak-killed-peer.ts";
import type { SoakPayload } from "./soak-peer.ts";
import { soakPicture } from "./soak-picture.ts";
import { SoakProcess } from "./soak-process.ts";
import { soakPage, soakTable } from "./soak-page.ts";

const PAYLOAD_MIB = 48;
const FORMATS = ["hybrid", "v1", "v2", "hybrid"] as const;
const SAMPLES = 360;
const SAMPLE_SECONDS_MIN = 2;
const UPSWARM = join(import.meta.dirname, "..", "src", "cli", "main.ts");

export interface SoakRun {
  readonly minutes: number;
  readonly processes: Readonly<Record<string, readonly SoakSample[]>>;
  readonly judgements: Readonly<Record<string, Judgement>>;
  readonly completed: number;
  readonly added: number;
  readonly kills: number;
  readonly receivedBytes: number;
}

const { values } = parseArgs({
  options: { minutes: { type: "string", default: "30" }, json: { type: "string" }, save: { type: "boolean" } },
});
const minutes = Number(values.minutes);
if (!(minutes >= 0.5 && minutes <= 24 * 60)) throw new Error("--minutes is a number from 0.5 to 1440.");
const memoryDisk = process.platform === "linux" ? "/dev/shm" : tmpdir();
const folder = mkdtempSync(join(memoryDisk, "upswarm-soak-"));
process.on("exit", () => rmSync(folder, { recursive: true, force: true }));
for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => process.exit(130));

const run = await soak();
if (values.json !== undefined) writeFileSync(values.json, `${JSON.stringify(run)}\n`);
if (values.save === true) {
  const reference = join(import.meta.dirname, "..", "docs", "reference");
  writeFileSync(join(reference, "soak.svg"), soakPicture(run));
  writeFileSync(join(reference, "soak.md"), soakPage(run));
}
console.log(soakTable(run));
for (const [name, { findings }] of Object.entries(run.judgements)) {
  for (const finding of findings) {
    console.log(`NOT FLAT: ${name}: ${finding}`);
    process.exitCode = 1;
  }
}

async function soak(): Promise<SoakRun> {
  await using owned = new AsyncDisposableStack();
  const tracker = owned.use(await SoakProcess.start("tracker", { kind: "tracker" }));
  const payloads = await Promise.all(FORMATS.map((format, index) => makePayload(format, index, tracker.tracker)));
  const passing = await makePayload("hybrid", payloads.length, tracker.tracker);
  const seed = owned.use(await SoakProcess.start("seed", { kind: "seed", payloads, passing }));
  const downloaders = await Promise.all(
    [1, 2].map(async (number) => {
      const role = { kind: "downloader", payloads, folder: join(folder, `peer-${number}`), lanes: 2 } as const;
      const peers = [seed.listen];
      return owned.use(await SoakProcess.start(`peer ${number}`, { ...role, peers }));
    }),
  );
  const all = [tracker, seed, ...downloaders];
  const peers = [seed, ...downloaders].map(({ listen }) => listen);
  const killed = payloads.slice(0, 2).map(({ torrent }, index) => {
    const at = join(folder, `killed-${index}`);
    mkdirSync(at);
    return new KilledPeer({ program: UPSWARM, torrent, folder: at, peers, seed: index });
  });
  owned.defer(async () => {
    await Promise.all(killed.map((one) => one.stop()));
  });
  const before = await stretch(all, killed, minutes * WARM_UP_SHARE);
  const after = await stretch(all, killed, minutes * (1 - WARM_UP_SHARE));
  const judgements = all.map(({ name, samples }, index) => {
    const [first, last] = [before[index], after[index]];
    return [name, judge(samples, first && last ? { before: first, after: last } : null)] as const;
  });
  const sum = (of: (one: SoakProcess) => number): number => all.reduce((total, one) => total + of(one), 0);
  return {
    minutes,
    processes: Object.fromEntries(all.map(({ name, samples }) => [name, samples])),
    judgements: Object.fromEntries(judgements),
    completed: sum(({ figures }) => figures.completed),
    added: sum(({ figures }) => figures.added),
    kills: killed.reduce((total, { kills }) => total + kills, 0),
    receivedBytes: sum(({ figures }) => figures.receivedBytes),
  };
}

async function makePayload(format: string, index: number, tracker: string): Promise<SoakPayload> {
  const path = join(folder, `payload-${index}.bin`);
  const torrent = join(folder, `${index}.torrent`);
  fillFile(path, PAYLOAD_MIB << 20);
  const argv = ["create", path, "-o", torrent, "--format", format, "--piece-length", "256KiB", "--tracker", tracker];
  await output(start(process.execPath, [UPSWARM, ...argv, "--json"]));
  return { path, torrent };
}

/** Work for so long, then rest: what each holds with nothing to do. */
async function stretch(
  all: readonly SoakProcess[],
  killed: readonly KilledPeer[],
  length: number,
): Promise<readonly SoakSample[]> {
  const end = performance.now() + length * 60_000;
  for (const one of all) one.work();
  for (const one of killed) one.start();
  const everyMs = Math.max(SAMPLE_SECONDS_MIN, (minutes * 60) / SAMPLES) * 1_000;
  for (let next = performance.now() + everyMs; performance.now() < end; next += everyMs) {
    await new Promise((resolve) => setTimeout(resolve, Math.max(0, next - performance.now())));
    for (const one of all) one.samples.push(await one.sample());
    if (process.stderr.isTTY) process.stderr.write(`\r${all.map((one) => one.line()).join("   ")} `);
  }
  await Promise.all(killed.map((one) => one.stop()));
  for (const one of all) await one.rest();
  return await Promise.all(all.map((one) => one.restingSample()));
}
