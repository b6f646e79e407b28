// A process in the switch's namespace that watches a crowd: what each port has carried and how busy the CPU is, a few
// times a second. One file of the kernel holds all ports, so that watching costs next to nothing; what was seen stays in
// memory until the end. It also says when the crowd is ready: the tracker counts every machine, and the CPU is idle again,
// so that nobody is still starting.
//
// stdin: "stop". stdout: "ready", or why it will not be; then at the end one line of JSON, the CrowdSample[] of all samples.

import { readFileSync } from "node:fs";

export interface CrowdSample {
  /** Date.now(). */
  readonly at: number;
  /** Of all cores, since the last sample, 0 to 1. */
  readonly cpuBusy: number;
  /** Bytes that each host has sent, and was sent, by its number. */
  readonly sent: readonly number[];
  readonly received: readonly number[];
}

const SAMPLE_MS = 100;
const IDLE_SHARE = 0.2;
const IDLE_SAMPLES = 5;
/** Forty processes start within half a minute. */
const READY_TIMEOUT_MS = 150_000;

let before = { busy: 0, all: 0 };
const [scrapeUrl = "", machines = "0"] = process.argv.slice(2);

if (import.meta.main) {
  const samples: CrowdSample[] = [];
  const timer = setInterval(() => samples.push(sample()), SAMPLE_MS);
  process.stdin.once("data", () => {
    clearInterval(timer);
    process.stdout.write(`${JSON.stringify(samples)}\n`, () => process.exit());
  });
  const giveUpAt = Date.now() + READY_TIMEOUT_MS;
  let words = "ready";
  for (let known = 0; known < Number(machines) || !isIdle(samples); known = await incomplete()) {
    if (Date.now() > giveUpAt) {
      const busy = samples.slice(-IDLE_SAMPLES).map(({ cpuBusy }) => `${Math.round(cpuBusy * 100)} %`);
      words = `The crowd is not ready after ${READY_TIMEOUT_MS / 1_000} s: ${known} of ${machines} machines are known to the tracker, and the CPU was busy for ${busy.join(", ")} of the last moments. Stop what else runs on this computer.`;
      break;
    }
    await new Promise((resolve) => setTimeout(resolve, SAMPLE_MS));
  }
  console.log(words);
}

function isIdle(samples: readonly CrowdSample[]): boolean {
  const latest = samples.slice(-IDLE_SAMPLES);
  return latest.length === IDLE_SAMPLES && latest.every(({ cpuBusy }) => cpuBusy < IDLE_SHARE);
}

/** Machines that the tracker knows to be downloading. */
async function incomplete(): Promise<number> {
  const reply = await fetch(scrapeUrl).then((response) => response.text());
  return Number(/10:incompletei(\d+)e/.exec(reply)?.[1] ?? 0);
}

function sample(): CrowdSample {
  const cpu = cpuTimes();
  const cpuBusy = (cpu.busy - before.busy) / Math.max(1, cpu.all - before.all);
  before = cpu;
  const sent: number[] = [];
  const received: number[] = [];
  for (const line of readFileSync("/proc/net/dev", "utf8").split("\n")) {
    const [, host, counters = ""] = /^\s*p(\d+):\s*(.*)$/.exec(line) ?? [];
    if (host === undefined) continue;
    const fields = counters.split(/\s+/).map(Number);
    // What a host sends its port on the switch receives.
    sent[Number(host)] = fields[0] ?? 0;
    received[Number(host)] = fields[8] ?? 0;
  }
  return { at: Date.now(), cpuBusy, sent, received };
}

function cpuTimes(): { busy: number; all: number } {
  const [, ...fields] = (readFileSync("/proc/stat", "utf8").split("\n")[0] ?? "").split(/\s+/).map(Number);
  const all = fields.slice(0, 8).reduce((sum, ticks) => sum + ticks, 0);
  // What runs with a low priority gives way: its share (the second field) is as good as idle.
  const idle = (fields[1] ?? 0) + (fields[3] ?? 0) + (fields[4] ?? 0);
  return { busy: all - idle, all };
}
