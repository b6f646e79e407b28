// `upswarm seed FILE PATH`: sends an artifact to whoever asks, until stopped. Being stopped is its normal end: exit code
// 0, with totals.

import { dirname } from "node:path";
import { CodedError, formatEndpoint } from "../../core/index.ts";
import type { Torrent } from "../../engine/index.ts";
import { isTwinOf, type Metainfo } from "../../metainfo/index.ts";
import { artifactPath } from "../artifact-path.ts";
import { transferOptions, urlPolicyOptions } from "../common-options.ts";
import type { Context } from "../context.ts";
import { defineCommand, type Command } from "../framework/command.ts";
import { formatSize } from "../framework/units.ts";
import { openSession, transferSample } from "../torrent-session.ts";
import { readMetainfo } from "../torrent-source.ts";
import { secondsSince } from "../torrent-summary.ts";
import { pause } from "../waiting.ts";

const { listen, maxUpload, maxRemoteUpload, site, localDiscovery, choking } = transferOptions;

export const seedCommand: Command = defineCommand({
  name: "seed",
  summary: "send a file or folder to whoever asks for it, until stopped",
  description: [
    "A hybrid torrent is served to v1 and v2 clients, and to those who have its v1 twin, as one swarm. " +
      "SIGINT (Ctrl-C) and SIGTERM end it cleanly, with totals and exit code 0.",
  ],
  positionals: {
    file: { placeholder: "FILE", summary: "The .torrent", complete: "file" },
    path: {
      placeholder: "PATH",
      summary: "The file or folder it describes, or the folder that it lies in",
      complete: "file",
    },
  },
  options: {
    twin: { kind: "path", placeholder: "FILE", summary: "Its v1 twin: checked to be one, and served" },
    listen,
    noVerify: { kind: "flag", summary: "Trust that the files are as published instead of hashing them first" },
    super: { kind: "flag", summary: "Send each piece out once before any a second time: for the first seed" },
    maxUpload,
    maxRemoteUpload,
    site,
    localDiscovery,
    choking,
    ...urlPolicyOptions,
  },
  examples: [
    { line: "upswarm seed update.torrent update-7.2.tar --listen 0.0.0.0:6881", does: "at a fixed port" },
    {
      line: "upswarm seed update.torrent update-7.2.tar --super --max-upload 50mbit",
      does: "as the first seed, on a thin uplink",
    },
  ],
  json: [
    "when ready: listen (HOST:PORT), infoHashV1, infoHashV2, and twinInfoHashV1 where --twin was given",
    "at the end: uploadedBytes, seconds, infoHashV1, infoHashV2, bytes {sitePeers, otherPeers, webSeeds, local, duplicate, hashFailed, uploaded}",
  ],
  jsonLines: 2,
  async run({ positionals: { file, path }, options }, context) {
    const { signal, clock } = context;
    const metainfo = await readMetainfo(file);
    const twin = options.twin === null ? null : await readTwin(options.twin, metainfo);
    const artifact = await artifactPath(path, metainfo);
    await using session = await openSession({ ...options, maxDownload: Infinity }, context);
    const torrent = session.add({
      source: metainfo,
      twin,
      mode: "seed",
      directory: dirname(artifact),
      path: artifact,
      verify: options.noVerify ? "none" : "full",
      superSeed: options.super,
      signal,
    });
    await ready(torrent, context);
    const startMs = clock.now();
    const { infoHashV1, infoHashV2 } = metainfo;
    const where = formatEndpoint(session.listen);
    const twinField = twin === null ? {} : { twinInfoHashV1: twin.infoHashV1 };
    const text = `Seeding ${metainfo.name} at ${where}; Ctrl-C stops.`;
    context.print({ listen: where, infoHashV1, infoHashV2, ...twinField }, text);
    await serve(torrent, context);
    const { bytes } = torrent.stats();
    const seconds = secondsSince(startMs, clock.now());
    const totals = { uploadedBytes: bytes.uploaded, seconds, infoHashV1, infoHashV2, bytes };
    context.print(totals, `Sent ${formatSize(bytes.uploaded)}.`);
  },
});

async function ready(torrent: Torrent, context: Context): Promise<void> {
  using _progress = context.follow(transferSample(torrent, context));
  await torrent.ready;
}

/** Until stopped, or until the torrent fails (a file that cannot be read any more). */
async function serve(torrent: Torrent, context: Context): Promise<void> {
  const { promise: failed, reject } = Promise.withResolvers<never>();
  const unsubscribe = torrent.on("failed", reject);
  using _progress = context.follow(transferSample(torrent, context));
  try {
    await Promise.race([pause(Infinity, context.signal), failed]);
  } finally {
    unsubscribe();
  }
}

async function readTwin(path: string, metainfo: Metainfo): Promise<Metainfo> {
  const twin = await readMetainfo(path);
  if (isTwinOf(metainfo, twin)) return twin;
  throw new CodedError("verify.twin", `${path} is not the v1 twin of ${metainfo.name}: it names other bytes.`);
}
