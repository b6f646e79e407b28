// `npm run bench -- throughput`: a payload over loopback from memory disk to memory disk: one seed to one peer with v1, v2
// and hybrid metainfo, one seed to four, four seeds to one; beside the limits of the machine's parts in the same run.
// A downloader's seconds run from its first connection to its last verified piece where the client tells them.

import { rmSync } from "node:fs";
import { join } from "node:path";
import { clientsOf, countOf, namesOf, textOf } from "./bench-options.ts";
import { benchFolder } from "./leave-nothing.ts";
import { componentLimits } from "./component-limits.ts";
import type { Bench } from "./main.ts";
import { fillFile, warmMemory } from "./payload.ts";
import { output, startOurs } from "./processes.ts";
import { alternate, type Report, type Row } from "./report.ts";
import { throughputPeers, type ThroughputPeer, type Transfer } from "./throughput-peers.ts";

const CASES: Readonly<Record<string, { format: string; seeds: number; downloaders: number }>> = {
  v1: { format: "v1", seeds: 1, downloaders: 1 },
  v2: { format: "v2", seeds: 1, downloaders: 1 },
  hybrid: { format: "hybrid", seeds: 1, downloaders: 1 },
  "one-to-four": { format: "hybrid", seeds: 1, downloaders: 4 },
  "four-to-one": { format: "hybrid", seeds: 4, downloaders: 1 },
};

export const throughput: Bench = {
  usage: `[--size MiB] [--rounds N] [--piece-length SIZE] [--cases ${Object.keys(CASES).join(",")}] [--clients NAME,…]`,
  options: {
    size: { type: "string", default: "1024" },
    rounds: { type: "string", default: "3" },
    "piece-length": { type: "string", default: "256KiB" },
    cases: { type: "string", default: Object.keys(CASES).join(",") },
    clients: { type: "string", default: "" },
  },
  run: async (values) => {
    const present = throughputPeers();
    const peers = clientsOf(values, present);
    const folder = benchFolder("/dev/shm/upswarm-bench-");
    try {
      const pieceLength = textOf(values, "piece-length");
      return await measure(folder, {
        sizeBytes: countOf(values, "size") * 1_048_576,
        rounds: countOf(values, "rounds"),
        cases: namesOf(values, "cases", Object.keys(CASES)),
        peers,
        isWhole: peers.length === present.length,
        pieceLength,
      });
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  },
};

interface Options {
  readonly sizeBytes: number;
  readonly rounds: number;
  readonly cases: readonly string[];
  readonly peers: readonly ThroughputPeer[];
  /** The machine's parts are measured too. */
  readonly isWhole: boolean;
  readonly pieceLength: string;
}

async function measure(
  folder: string,
  { sizeBytes, rounds, cases, peers, isWhole, pieceLength }: Options,
): Promise<Report> {
  const payload = join(folder, "payload.bin");
  fillFile(payload, sizeBytes);
  const transfers: Transfer[] = [];
  for (const [name, shape] of Object.entries(CASES).filter(([known]) => cases.includes(known))) {
    const torrent = join(folder, `${shape.format}.torrent`);
    await output(
      startOurs("create", payload, "-o", torrent, "--format", shape.format, "--piece-length", pieceLength, "--json"),
    );
    transfers.push({ name, ...shape, torrent, payload, folder, sizeBytes });
  }
  const contenders = peers.map(({ client, runs, run }) => ({
    client,
    runs,
    run: async (transfer: Transfer) => {
      warmMemory(folder, sizeBytes * transfer.downloaders * 1.25);
      return await run(transfer);
    },
  }));
  const limits: Row[] = isWhole ? await componentLimits(folder, rounds) : [];
  const rows = await alternate(transfers, contenders, rounds);
  return {
    bench: "throughput",
    question: `${sizeBytes / 1_048_576} MiB over loopback from memory disk to memory disk, pieces of ${pieceLength}, ${rounds} runs each, alternating; median (lowest–highest). Rates are payload that all downloaders together verified, up to the last one's end.`,
    metrics: [
      { key: "mbPerSecond", label: "MB/s", digits: 0 },
      { key: "residentMB", label: "downloader, resident MB", digits: 0 },
      { key: "cpuSeconds", label: "CPU s, both ends", digits: 2 },
      { key: "loopDelayP99Ms", label: "event loop delay p99, ms", digits: 1 },
    ],
    compare: { metric: "mbPerSecond", better: "higher" },
    rows: [...rows, ...limits],
    versions: Object.fromEntries(peers.map(({ client, version }) => [client, version])),
    notes: [
      "Whole processes of the real commands, hashing and writing. libtorrent's resident memory counts the memory-mapped payload.",
      "The memory disk is touched before each run: fresh pages of a virtual machine cost whoever comes first half of the rate.",
      "Seconds run from the first connection to the last verified piece; aria2, which finds its seed through our tracker, is timed from the first bytes that it writes to the end of its process.",
    ],
  };
}
