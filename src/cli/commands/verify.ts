// `upswarm verify FILE PATH`: hashes what is on disk against the metainfo. Never writes.

import { pieceHash, type Metainfo } from "../../metainfo/index.ts";
import { StorageWorkers, verifyPayload, type PayloadVerdict } from "../../storage/index.ts";
import { artifactPath } from "../artifact-path.ts";
import type { Context } from "../context.ts";
import { DONE, INVALID, type ExitCode } from "../exit-codes.ts";
import { defineCommand, type Command } from "../framework/command.ts";
import { formatSize } from "../framework/units.ts";
import { workSample } from "../output/work-sample.ts";
import { readMetainfo } from "../torrent-source.ts";
import { secondsSince } from "../torrent-summary.ts";

export const verifyCommand: Command = defineCommand({
  name: "verify",
  summary: "hash what is on disk against a .torrent",
  description: ["Bad files and pieces are named and the exit code is 3. Nothing is written."],
  positionals: {
    file: { placeholder: "FILE", summary: "The .torrent", complete: "file" },
    path: {
      placeholder: "PATH",
      summary: "The file or folder it describes, or the folder that it was downloaded into",
      complete: "file",
    },
  },
  options: {},
  examples: [{ line: "upswarm verify update.torrent ~/Downloads", does: "is what was downloaded what was published?" }],
  json: [
    "path, name, infoHashV1, infoHashV2, lengthBytes, pieceCount, goodPieces, badPieces [index], badFiles [{path, reason}], seconds",
    "reason: missing, length, hash, mode or symlink. Where something is bad, also {error: {code, message}}",
  ],
  async run({ positionals: { file, path } }, context) {
    const startMs = context.clock.now();
    const metainfo = await readMetainfo(file);
    const artifact = await artifactPath(path, metainfo);
    const verdict = await verdictOn(metainfo, artifact, context);
    return tell({ metainfo, artifact, verdict, seconds: secondsSince(startMs, context.clock.now()) }, context);
  },
});

async function verdictOn(metainfo: Metainfo, artifact: string, context: Context): Promise<PayloadVerdict> {
  const work = workSample("checking", metainfo.layout.lengthBytes, context.clock);
  using _progress = context.follow(work.sample);
  await using workers = new StorageWorkers();
  const hashOf = pieceHash(metainfo, metainfo.pieceLayers);
  return await verifyPayload(metainfo, hashOf, artifact, {
    workers,
    signal: context.signal,
    onProgress: work.onProgress,
  });
}

interface Outcome {
  readonly metainfo: Metainfo;
  readonly artifact: string;
  readonly verdict: PayloadVerdict;
  readonly seconds: number;
}

function tell({ metainfo, artifact, verdict, seconds }: Outcome, context: Context): ExitCode {
  const { name, infoHashV1, infoHashV2, layout } = metainfo;
  const { lengthBytes, pieceCount } = layout;
  const { goodPieces, badPieces } = verdict;
  const badFiles = verdict.badFiles.map(({ path, reason }) => ({ path: path.join("/"), reason }));
  const pieces = { pieceCount, goodPieces, badPieces, badFiles };
  const result = { path: artifact, name, infoHashV1, infoHashV2, lengthBytes, ...pieces, seconds };
  if (badPieces.length === 0 && badFiles.length === 0) {
    context.print(result, `${artifact} is as published: ${formatSize(lengthBytes)}, ${pieceCount} pieces.`);
    return DONE;
  }
  const faults = badFiles.map(({ path, reason }) => `${sentences[reason]}: ${path}`);
  const count = `${badPieces.length} of ${pieceCount} pieces and ${badFiles.length} files are bad`;
  const list = [...faults, ...(badPieces.length === 0 ? [] : [`bad pieces: ${ranges(badPieces)}`])];
  context.fail("verify.failed", `${artifact} is not what was published: ${count}.`, result);
  for (const line of list) context.note(line);
  return INVALID;
}

const sentences: Readonly<Record<PayloadVerdict["badFiles"][number]["reason"], string>> = {
  missing: "missing",
  length: "wrong length",
  hash: "wrong content",
  mode: "executable or not, against the torrent",
  symlink: "no symbolic link to the right place",
};

/** `0-3, 7, 9-12` */
function ranges(indexes: readonly number[]): string {
  const parts: [first: number, last: number][] = [];
  for (const index of indexes) {
    const open = parts.at(-1);
    if (open !== undefined && open[1] === index - 1) open[1] = index;
    else parts.push([index, index]);
  }
  return parts.map(([first, last]) => (first === last ? `${first}` : `${first}-${last}`)).join(", ");
}
