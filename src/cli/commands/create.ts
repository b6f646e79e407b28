// `upswarm create PATH -o FILE`: hashes a payload and writes its metainfo, and its v1 twin where asked.
// Deterministic: the same bytes and options give the same file, so there is no date unless one is given.

import { buildInfo, buildMetainfo, buildTwin, layOutPayload, parseMetainfo } from "../../metainfo/index.ts";
import { hashPayload, scanPayload, StorageWorkers } from "../../storage/index.ts";
import type { Context } from "../context.ts";
import { defineCommand, type Command } from "../framework/command.ts";
import { UsageError } from "../framework/usage-error.ts";
import { checkOutput, writeWhole } from "../output-file.ts";
import { workSample } from "../output/work-sample.ts";
import { secondsSince, summaryOf, summaryText } from "../torrent-summary.ts";

export const createCommand: Command = defineCommand({
  name: "create",
  summary: "hash a file or folder and write its metainfo (.torrent)",
  description: [
    "The same bytes and options give the same file. A hybrid torrent is for v1 and v2 clients alike; some older clients " +
      "cannot read it, and for them --twin writes a v1 torrent of the same payload, which upswarm serves as one swarm.",
  ],
  positionals: { path: { placeholder: "PATH", summary: "The file or folder to publish", complete: "file" } },
  options: {
    output: { kind: "path", short: "o", placeholder: "FILE", required: true, summary: "Write the metainfo here" },
    twin: { kind: "path", placeholder: "FILE", summary: "Write the v1 twin for older clients here" },
    format: {
      kind: "choice",
      choices: ["hybrid", "v1", "v2"],
      default: "hybrid",
      summary: "hybrid serves every client; v2 has SHA-256 alone",
    },
    pieceLength: { kind: "size", summary: "A power of two; by default chosen by the size of the payload" },
    tracker: { kind: "list", of: "url", summary: "A tracker; the next one is asked where the first does not answer" },
    webSeed: { kind: "list", of: "url", summary: "An HTTP address of the payload (a folder's ends with /)" },
    private: { kind: "flag", summary: "Peers come from the trackers alone" },
    name: { kind: "string", summary: "The name of the file or folder at the receiving end; by default as it is here" },
    date: {
      kind: "string",
      placeholder: "DATE",
      summary: "A creation date, like 2026-11-22T12:00:00Z; by default none",
    },
  },
  examples: [
    {
      line: "upswarm create update-7.2.tar -o update.torrent --tracker http://origin.example/announce",
      does: "a hybrid torrent of one file",
    },
    {
      line: "upswarm create release/ -o release.torrent --twin release.v1.torrent --web-seed https://cdn.example/",
      does: "a folder, with a twin for older clients and a server as a last resort",
    },
  ],
  json: ["infoHashV1, infoHashV2, magnet, name, lengthBytes, fileCount, pieceLengthBytes, pieceCount, seconds"],
  async run({ positionals: { path }, options }, context) {
    const startMs = context.clock.now();
    const { output, twin, format, date } = options;
    if (twin !== null && format !== "hybrid") {
      throw new UsageError("usage.option", `--twin is the twin of a hybrid torrent; --format is ${format}.`);
    }
    const creationDate = date === null ? null : parseDate(date);
    for (const target of twin === null ? [output] : [output, twin]) await checkOutput(target, path);
    const bytes = await hashedMetainfo({ ...options, path, creationDate }, context);
    // Read back, so that nothing is published that get would refuse.
    const metainfo = parseMetainfo(bytes);
    await writeWhole(output, bytes);
    if (twin !== null) await writeWhole(twin, buildTwin(metainfo));
    const seconds = secondsSince(startMs, context.clock.now());
    const summary = summaryOf(metainfo, seconds);
    const written = `Wrote ${output}${twin === null ? "" : ` and its v1 twin ${twin}`} in ${seconds} s.`;
    context.print(summary, `${written}\n${summaryText(summary)}`);
  },
});

interface CreateOptions {
  readonly path: string;
  readonly format: "hybrid" | "v1" | "v2";
  readonly pieceLength: number | null;
  readonly tracker: readonly string[];
  readonly webSeed: readonly string[];
  readonly private: boolean;
  readonly name: string | null;
  readonly creationDate: number | null;
}

const versions = { hybrid: "hybrid", v1: "1", v2: "2" } as const;

async function hashedMetainfo(options: CreateOptions, context: Context): Promise<Buffer> {
  const { path, pieceLength, creationDate } = options;
  const { signal } = context;
  await using workers = new StorageWorkers();
  workers.startAll();
  const scanned = await scanPayload(path, { signal });
  const payload = layOutPayload({
    name: options.name ?? scanned.name,
    version: versions[options.format],
    isFolder: scanned.isFolder,
    entries: scanned.entries,
    ...(pieceLength === null ? {} : { pieceLengthBytes: pieceLength }),
  });
  if (scanned.emptyFolderCount > 0) {
    context.note(`${scanned.emptyFolderCount} empty folders are left out: a torrent holds files alone.`);
  }
  const work = workSample("hashing", payload.layout.lengthBytes, context.clock);
  using _progress = context.follow(work.sample);
  const hashes = await hashPayload({ path: scanned.path, payload, workers, signal, onProgress: work.onProgress });
  return buildMetainfo(buildInfo(payload, hashes, { private: options.private }), {
    pieceLayers: hashes.pieceLayers,
    // Each tracker is a tier of its own (BEP 12): the order given is the order in which they are tried.
    trackers: options.tracker.map((url) => [url]),
    webSeeds: options.webSeed,
    creationDate,
  });
}

/** Seconds since 1970. A date without an offset would mean another moment on another machine. */
function parseDate(text: string): number {
  const ms = /^\d{4}-\d\d-\d\d(?:T\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d))?$/.test(text) ? Date.parse(text) : NaN;
  if (Number.isNaN(ms) || ms < 0) {
    throw new UsageError("usage.value", `--date: "${text}" is not a date like 2026-11-22 or 2026-11-22T12:00:00Z.`);
  }
  return Math.floor(ms / 1000);
}
