// `npm run bench -- memory`: the peak of memory of a seed and of a downloader, one to one over loopback, by size of payload
// and of piece: does it grow with either? The transfers are those of the throughput bench; hybrid metainfo.

import { existsSync, rmSync } from "node:fs";
import { join } from "node:path";
import { countOf } from "./bench-options.ts";
import { benchFolder } from "./leave-nothing.ts";
import type { Bench } from "./main.ts";
import { fillFile } from "./payload.ts";
import { output, startOurs } from "./processes.ts";
import { alternate, type Report } from "./report.ts";
import { throughputPeers, type Transfer } from "./throughput-peers.ts";

const SHAPES = [
  { sizeMiB: 64, pieceLength: "64KiB" },
  { sizeMiB: 1024, pieceLength: "256KiB" },
  { sizeMiB: 1024, pieceLength: "4MiB" },
] as const;

export const memory: Bench = {
  usage: "[--rounds N]",
  options: { rounds: { type: "string", default: "2" } },
  run: async (values) => {
    const folder = benchFolder("/dev/shm/upswarm-bench-");
    try {
      return await measure(folder, countOf(values, "rounds"));
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  },
};

async function measure(folder: string, rounds: number): Promise<Report> {
  const transfers: Transfer[] = [];
  for (const { sizeMiB, pieceLength } of SHAPES) {
    const name = `${sizeMiB} MiB, pieces of ${pieceLength}`;
    const payload = join(folder, `payload-${sizeMiB}.bin`);
    const torrent = join(folder, `${sizeMiB}-${pieceLength}.torrent`);
    if (!existsSync(payload)) fillFile(payload, sizeMiB * 1_048_576);
    await output(
      startOurs("create", payload, "-o", torrent, "--format", "hybrid", "--piece-length", pieceLength, "--json"),
    );
    const shape = { format: "hybrid", seeds: 1, downloaders: 1, sizeBytes: sizeMiB * 1_048_576 };
    transfers.push({ name, ...shape, torrent, payload, folder });
  }
  const peers = throughputPeers().filter(({ client }) => client === "Upswarm" || client === "libtorrent");
  return {
    bench: "memory",
    question: `Peaks of memory, one seed to one downloader over loopback, hybrid, ${rounds} runs each; median (lowest–highest).`,
    metrics: [
      { key: "residentMB", label: "downloader, resident MB", digits: 0 },
      { key: "anonymousMB", label: "of that, no file's", digits: 0 },
      { key: "seedResidentMB", label: "seed, resident MB", digits: 0 },
      { key: "seedAnonymousMB", label: "of that, no file's", digits: 0 },
    ],
    compare: { metric: "residentMB", better: "lower" },
    rows: await alternate(transfers, peers, rounds),
    versions: Object.fromEntries(peers.map(({ client, version }) => [client, version])),
    notes: [
      "libtorrent maps the payload into its memory, which the kernel may take back: its own part is what is no file's.",
      "The tracker's bytes a peer stand under Tracker.",
    ],
  };
}
