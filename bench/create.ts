// `npm run bench -- create`: a file in the page cache (on a memory disk) to its .torrent, as whole processes, v1, v2 and
// hybrid; and `upswarm verify`, which hashes the same way. Every torrent has to name the same pieces as ours.

import assert from "node:assert/strict";
import { once } from "node:events";
import { readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { parseMetainfo } from "../src/metainfo/index.ts";
import { countOf } from "./bench-options.ts";
import { benchFolder } from "./leave-nothing.ts";
import type { Bench } from "./main.ts";
import { fillFile } from "./payload.ts";
import { libtorrentVersion, PYTHON, start, upswarm, versionOf, watch } from "./processes.ts";
import { alternate, OURS, type Contender, type Report, type Sample } from "./report.ts";

interface Work {
  readonly name: string;
  readonly format: string;
  readonly verifies: boolean;
  readonly payload: string;
  readonly sizeBytes: number;
  readonly pieceLength: number;
}

/** The words of a command that writes `torrent`. */
type Command = (work: Work, torrent: string) => readonly string[];

interface Creator extends Contender<Work> {
  readonly version: string;
}

const FORMATS = ["v1", "v2", "hybrid"];

export const create: Bench = {
  usage: "[--size MiB] [--rounds N] [--piece-length KiB]",
  options: {
    size: { type: "string", default: "4096" },
    rounds: { type: "string", default: "5" },
    // For 4 GiB that is what both Upswarm and mktorrent choose.
    "piece-length": { type: "string", default: "256" },
  },
  run: async (values) => {
    const folder = benchFolder("/dev/shm/upswarm-bench-");
    try {
      const pieceLength = countOf(values, "piece-length") * 1024;
      return await measure(folder, countOf(values, "size") * 1_048_576, countOf(values, "rounds"), pieceLength);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  },
};

async function measure(folder: string, sizeBytes: number, rounds: number, pieceLength: number): Promise<Report> {
  const payload = join(folder, "payload.bin");
  fillFile(payload, sizeBytes);
  const work = { payload, sizeBytes, pieceLength };
  const cases: Work[] = [
    ...FORMATS.map((format) => ({ ...work, name: format, format, verifies: false })),
    ...FORMATS.map((format) => ({ ...work, name: `verify ${format}`, format, verifies: true })),
  ];
  const creators = presentCreators(folder);
  const rows = await alternate(cases, creators, rounds);
  return {
    bench: "create",
    question: `${sizeBytes / 1_048_576} MiB in the page cache to a .torrent with pieces of ${pieceLength / 1024} KiB, ${rounds} runs each, alternating; median (lowest–highest).`,
    metrics: [
      { key: "mbPerSecond", label: "MB/s", digits: 0 },
      { key: "seconds", label: "s", digits: 2 },
      { key: "cpuSeconds", label: "CPU s", digits: 2 },
      { key: "residentMB", label: "resident MB", digits: 0 },
    ],
    compare: { metric: "mbPerSecond", better: "higher" },
    rows,
    versions: Object.fromEntries(creators.map(({ client, version }) => [client, version])),
    notes: [
      "Whole processes, from start to exit, with two threads where the program lets one choose (mktorrent). All of them write the same piece hashes.",
      "libtorrent from Python: create_torrent and set_piece_hashes, whose number of threads cannot be set there.",
      "CPU seconds are looked at every 20 ms, so the last of them are missing.",
    ],
  };
}

function presentCreators(folder: string): Creator[] {
  const { version } = JSON.parse(readFileSync(join(import.meta.dirname, "..", "package.json"), "utf8")) as {
    version: string;
  };
  const reference = (format: string): string => join(folder, `${format}.torrent`);
  const ours = async (work: Work): Promise<Sample> => {
    const { format, payload, pieceLength, verifies } = work;
    const words = verifies
      ? ["verify", reference(format), payload]
      : ["create", payload, "-o", reference(format), "--format", format, "--piece-length", `${pieceLength}B`];
    return await timed(work, [process.execPath, upswarm, ...words, "--json"]);
  };
  const creators: Creator[] = [{ client: OURS, version, runs: () => true, run: ours }];
  const add = (client: string, found: string | null, formats: readonly string[], command: Command): void => {
    if (found === null) return;
    const run = async (work: Work): Promise<Sample> => {
      const torrent = join(folder, "other.torrent");
      rmSync(torrent, { force: true });
      const sample = await timed(work, command(work, torrent));
      checkSame(reference(work.format), torrent);
      return sample;
    };
    creators.push({
      client,
      version: found,
      runs: ({ format, verifies }) => !verifies && formats.includes(format),
      run,
    });
  };
  const transmission = versionOf(
    ["transmission-create", "-V"],
    /create (\d[\d.]+)/,
    "apt-get install transmission-cli",
  );
  add("mktorrent -t 2", versionOf(["mktorrent"], /mktorrent ([\d.]+)/, "apt-get install mktorrent"), ["v1"], mktorrent);
  add("transmission-create", transmission, ["v1"], ({ payload, pieceLength }, torrent) => {
    return ["transmission-create", "-s", `${pieceLength / 1024}`, "-o", torrent, payload];
  });
  add("libtorrent", libtorrentVersion(), FORMATS, ({ payload, format, pieceLength }, torrent) => {
    const script = join(import.meta.dirname, "libtorrent-create.py");
    return [PYTHON, script, payload, torrent, format, `${pieceLength}`];
  });
  return creators;
}

function mktorrent({ payload, pieceLength }: Work, torrent: string): readonly string[] {
  return ["mktorrent", "-t", "2", "-l", `${Math.log2(pieceLength)}`, "-o", torrent, payload];
}

async function timed({ sizeBytes }: Work, [program = "", ...args]: readonly string[]): Promise<Sample> {
  const begin = performance.now();
  const child = start(program, args);
  const spent = watch(child);
  child.stdout?.resume();
  const [code] = (await once(child, "close")) as [number | null];
  const seconds = (performance.now() - begin) / 1000;
  assert.equal(code, 0, `${program} ended with ${code}`);
  return { mbPerSecond: sizeBytes / 1e6 / seconds, seconds, ...spent() };
}

/** The same hashes of the same pieces, whatever else a program writes into a torrent. */
function checkSame(ours: string, theirs: string): void {
  const [a, b] = [ours, theirs].map((path) => parseMetainfo(readFileSync(path)));
  assert.deepEqual(b?.pieces, a?.pieces);
  assert.deepEqual(b?.layout.files[0]?.piecesRoot, a?.layout.files[0]?.piecesRoot);
}
