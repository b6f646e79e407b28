// `upswarm demo`: the demonstration on this one machine, live, then as a table.

import { createCipheriv } from "node:crypto";
import { createWriteStream } from "node:fs";
import { mkdtemp, rm, stat, statfs } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { DEMO_MACHINES_MAX } from "../../core/index.ts";
import { CliError } from "../cli-error.ts";
import type { Context } from "../context.ts";
import { demonstrate } from "../demo/demonstration.ts";
import { demoTable } from "../demo/demo-report.ts";
import { swarmLines, swarmSummary } from "../demo/demo-view.ts";
import { defineCommand, type Command } from "../framework/command.ts";
import { formatSize } from "../framework/units.ts";
import { UsageError } from "../framework/usage-error.ts";

const PAYLOAD_KEY = "upswarm demo 200";
const STEP_BYTES = 1 << 20;

export const demoCommand: Command = defineCommand({
  name: "demo",
  summary: "show what a swarm does: one thin uplink, many machines, beside a direct download",
  description: [
    "Real processes on this machine: a tracker, a seed whose uplink is limited, and machines with the same limit. " +
      "They need free disk space of one copy each, below the folder for temporary files (TMPDIR), until the end.",
  ],
  positionals: {
    path: {
      placeholder: "FILE",
      summary: "Distribute this file instead of made-up data",
      complete: "file",
      optional: true,
    },
  },
  options: {
    machines: { kind: "count", default: "20", summary: "So many machines want the update" },
    size: { kind: "size", default: "64MiB", summary: "Length of the made-up update, where no FILE is given" },
    uplink: { kind: "rate", default: "50mbit", summary: "Uplink of the seed and of each machine" },
    directMachines: { kind: "count", default: "2", summary: "So many machines download directly, for comparison" },
    keep: { kind: "flag", summary: "Leave the files of all machines where they are" },
  },
  examples: [
    { line: "upswarm demo", does: "20 machines, 64 MiB, 50 Mbit/s: under a minute" },
    { line: "upswarm demo --machines 40 --uplink 20mbit", does: "more machines, thinner uplinks" },
    { line: "upswarm demo ./update-7.2.tar", does: "with an update of your own" },
  ],
  json: [
    "name, infoHashV1, infoHashV2, sha256, verifiedMachines, machines, lengthBytes, uplinkBytesPerSecond",
    "swarm {firstSeconds, medianSeconds, lastSeconds, originBytes, originCopies, shareFromMachines}, boundSeconds, ratioToBound",
    "direct {measuredMachines, measuredSeconds, measuredBytes, computedSeconds, computedCopies}, timesFaster",
  ],
  async run({ positionals, options }, context) {
    if (options.machines < 1 || options.machines > DEMO_MACHINES_MAX) {
      throw new UsageError("usage.value", `--machines is 1 to ${DEMO_MACHINES_MAX}.`);
    }
    if (options.directMachines < 1) throw new UsageError("usage.value", "--direct-machines is at least 1.");
    const lengthBytes = positionals.path === null ? options.size : await fileLength(positionals.path);
    const directory = await mkdtemp(join(tmpdir(), "upswarm-demo-"));
    try {
      await checkSpace(directory, lengthBytes * (options.machines + 1));
      const artifact = positionals.path ?? (await makePayload(join(directory, "update.bin"), options.size));
      const result = await demonstrate({
        machines: options.machines,
        uplinkBytesPerSecond: options.uplink,
        directMachines: options.directMachines,
        artifact: resolve(artifact),
        directory,
        clock: context.clock,
        signal: context.signal,
        onStep: (sentence) => context.note(sentence),
        ...liveView(context),
      });
      const { verifiedMachines, sha256 } = result;
      const proof = `All ${verifiedMachines} machines have the same verified bytes: SHA-256 ${sha256}`;
      context.print(result, `\n${demoTable(result)}\n\n  ${proof}`);
    } finally {
      if (options.keep) context.note(`The files are in ${directory}.`);
      else await rm(directory, { recursive: true, force: true });
    }
  },
});

function liveView(context: Context): Pick<Parameters<typeof demonstrate>[0], "onSwarm" | "onDirect"> {
  const board = context.board();
  return {
    onSwarm: (machines, seed, seconds) =>
      board.show([...swarmLines(machines, board.columns), swarmSummary(machines, seed, seconds)]),
    onDirect: (fraction) => board.show([`direct download ${Math.floor(fraction * 100)} %`]),
  };
}

async function fileLength(path: string): Promise<number> {
  const found = await stat(path).catch((cause: unknown) => {
    throw new CliError("cli.not-found", `There is no file ${path}.`, { cause });
  });
  if (!found.isFile() || found.size === 0) throw new CliError("cli.read", `${path} is not a file with content.`);
  return found.size;
}

async function checkSpace(directory: string, neededBytes: number): Promise<void> {
  const { bavail, bsize } = await statfs(directory);
  if (bavail * bsize > neededBytes) return;
  const need = `The demonstration needs ${formatSize(neededBytes)} in ${tmpdir()}, where ${formatSize(bavail * bsize)} are free.`;
  throw new CliError("cli.disk-full", `${need} Set TMPDIR, or take fewer machines or a smaller --size.`);
}

/** The same bytes each time, and such as do not compress: a key stream. */
async function makePayload(path: string, lengthBytes: number): Promise<string> {
  const cipher = createCipheriv("aes-128-ctr", Buffer.from(PAYLOAD_KEY), Buffer.alloc(16));
  const zeros = Buffer.alloc(STEP_BYTES);
  const parts = function* (): Generator<Buffer> {
    for (let at = 0; at < lengthBytes; at += STEP_BYTES) {
      yield cipher.update(zeros.subarray(0, Math.min(STEP_BYTES, lengthBytes - at)));
    }
  };
  await pipeline(Readable.from(parts()), createWriteStream(path));
  return path;
}
