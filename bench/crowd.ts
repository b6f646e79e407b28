// `npm run bench -- crowd`: one origin and N machines in network namespaces with shaped links, all waiting when the
// origin appears: seconds to the last machine and what the origin's link sent, against the bound. Needs root and iproute2,
// and nftables where frames are lost. The simulation reports the same fields for the same cases.

import { writeFileSync } from "node:fs";
import { clientsOf, countOf, countsOf, namesOf, textOf } from "./bench-options.ts";
import { boundSeconds, CROWD_CASES } from "./crowd-case.ts";
import type { CrowdCase, CrowdSize } from "./crowd-case.ts";
import { crowdClients } from "./crowd-client.ts";
import type { CrowdClient } from "./crowd-client.ts";
import { runCrowd } from "./crowd-run.ts";
import type { CrowdRun } from "./crowd-run.ts";
import type { Bench } from "./main.ts";
import { versionOf } from "./processes.ts";
import { alternate, median } from "./report.ts";
import type { Report, Sample } from "./report.ts";
import { timelineSvg } from "./timeline.ts";

interface Options {
  readonly size: CrowdSize;
  readonly machines: readonly number[];
  readonly cases: readonly CrowdCase[];
  readonly clients: readonly CrowdClient[];
  readonly rounds: number;
  readonly timeline: string | null;
}

const names = CROWD_CASES.map(({ name }) => name).join(",");

export const crowd: Bench = {
  usage: `[--machines N,…] [--size MiB] [--uplink MBIT] [--downlink MBIT] [--piece-length SIZE] [--rounds N] [--case ${names}] [--clients NAME,…] [--timeline FILE.svg]`,
  options: {
    machines: { type: "string", default: "10,20,40" },
    size: { type: "string", default: "64" },
    uplink: { type: "string", default: "50" },
    downlink: { type: "string", default: "100" },
    "piece-length": { type: "string", default: "256KiB" },
    rounds: { type: "string", default: "3" },
    case: { type: "string", default: "plain" },
    clients: { type: "string", default: "" },
    /** Where the picture of the last run goes. */
    timeline: { type: "string" },
  },
  run: async (values) => {
    const cases = namesOf(
      values,
      "case",
      CROWD_CASES.map(({ name }) => name),
    );
    const timeline = values["timeline"];
    return await measure({
      size: {
        sizeBytes: countOf(values, "size") * 1_048_576,
        uplinkMbit: countOf(values, "uplink"),
        downlinkMbit: countOf(values, "downlink"),
        pieceLength: textOf(values, "piece-length"),
      },
      machines: countsOf(values, "machines"),
      cases: CROWD_CASES.filter(({ name }) => cases.includes(name)).filter(isPossible),
      clients: clientsOf(values, crowdClients()),
      rounds: countOf(values, "rounds"),
      timeline: typeof timeline === "string" ? timeline : null,
    });
  },
};

/** What is missing is named on stderr. */
function isPossible({ lossPercent }: CrowdCase): boolean {
  return lossPercent === 0 || versionOf(["nft", "--version"], /v(\S+)/, "apt-get install nftables") !== null;
}

interface Scene {
  readonly name: string;
  readonly crowdCase: CrowdCase;
  readonly machines: number;
}

async function measure({ size, machines, cases, clients, rounds, timeline }: Options): Promise<Report> {
  const scenes: Scene[] = machines.flatMap((count) =>
    cases.map((crowdCase) => ({ name: `${crowdCase.name} ${count}`, crowdCase, machines: count })),
  );
  const contenders = clients.map((client) => ({
    client: client.client,
    runs: () => true,
    run: async ({ crowdCase, machines: count }: Scene): Promise<Sample> => {
      const run = await runCrowd(client, crowdCase, count, size);
      if (timeline !== null) writeFileSync(timeline, timelineSvg(run, crowdCase, count, size));
      return sampleOf(run, crowdCase, count, size);
    },
  }));
  return {
    bench: "crowd",
    question: `${size.sizeBytes / 1_048_576} MiB, pieces of ${size.pieceLength}, to machines in network namespaces, uplinks ${size.uplinkMbit} Mbit/s, downlinks ${size.downlinkMbit}, all waiting when the origin appears; ${rounds} runs each, alternating; median (lowest–highest).`,
    metrics: [
      { key: "boundSeconds", label: "bound s", digits: 1 },
      { key: "firstSeconds", label: "first machine s", digits: 1 },
      { key: "p50Seconds", label: "median machine s", digits: 1 },
      { key: "lastSeconds", label: "last machine s", digits: 1 },
      { key: "ratio", label: "last : bound", digits: 2 },
      { key: "originCopies", label: "origin's link, copies", digits: 2 },
      { key: "cpuBusyShare", label: "CPU busy", digits: 2 },
      { key: "cpuSecondsPerMachine", label: "CPU s a machine", digits: 2 },
    ],
    compare: { metric: "lastSeconds", better: "lower" },
    rows: await alternate(scenes, contenders, rounds),
    versions: Object.fromEntries(clients.map(({ client, version }) => [client, version])),
    notes: [
      "The origin's link counts every byte of its packets, headers included. Every machine's file is compared with the publisher's.",
      "All machines share this computer's cores: where the CPU is busy all the time, it is the CPU that is measured.",
      "A reserve gives up memory as the machines' files grow, so that nobody waits for a virtual machine's host with each fresh page.",
    ],
  };
}

function sampleOf(run: CrowdRun, crowdCase: CrowdCase, machines: number, size: CrowdSize): Sample {
  const seconds = run.seconds.map((value) => value ?? Infinity).sort((a, b) => a - b);
  const lastSeconds = seconds.at(-1) ?? Infinity;
  const bound = boundSeconds(crowdCase, machines, size);
  const during = run.samples.filter(({ at }) => at >= run.startedAt);
  const sentBy = (index: number): number => during.at(index)?.sent[0] ?? 0;
  const busy = during.reduce((sum, { cpuBusy }) => sum + cpuBusy, 0);
  return {
    machines,
    sizeBytes: size.sizeBytes,
    uplinkMbit: size.uplinkMbit,
    downlinkMbit: size.downlinkMbit,
    delayMs: crowdCase.delayMs,
    boundSeconds: bound,
    firstSeconds: seconds[0] ?? Infinity,
    p50Seconds: median(seconds),
    lastSeconds,
    ratio: lastSeconds / bound,
    originCopies: (sentBy(-1) - sentBy(0)) / size.sizeBytes,
    cpuBusyShare: busy / Math.max(1, during.length),
    cpuSecondsPerMachine: run.cpuSeconds / machines,
  };
}
