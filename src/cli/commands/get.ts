// `upswarm get SOURCE`: downloads, verifies, and seeds for a while if asked. The result is printed as soon as the
// artifact is verified, also where seeding goes on; being stopped while seeding is then no interruption. A release that
// is withdrawn meanwhile ends the command, whatever it is at.

import assert from "node:assert/strict";
import type { Torrent } from "../../engine/index.ts";
import { StorageError } from "../../storage/index.ts";
import { releaseOptions, transferOptions, urlPolicyOptions } from "../common-options.ts";
import type { Context } from "../context.ts";
import { defineCommand, type Command } from "../framework/command.ts";
import { formatDuration, formatRate, formatSize } from "../framework/units.ts";
import { shareFromPeers } from "../output/progress-line.ts";
import { openRelease, type OpenRelease } from "../release-source.ts";
import { openSession, resolvePeers, transferSample, urlPolicyOf } from "../torrent-session.ts";
import { fetchSource } from "../torrent-source.ts";
import { pause } from "../waiting.ts";

export const getCommand: Command = defineCommand({
  name: "get",
  summary: "download and verify a release, or what a .torrent or a magnet link names",
  description: [
    "The page of a release is looked up in its origin's signed metadata: who published it, and that it is not withdrawn. " +
      "Of a .torrent or a magnet link only the hash is known.",
    "Stopped or killed, it goes on where it was when it is started again. The artifact has its final name only when " +
      "every byte of it is verified; until then it is called NAME.part.",
  ],
  positionals: {
    source: {
      placeholder: "SOURCE",
      summary: "A release's page (https://HOST/PRODUCT[/VERSION]), a .torrent file or its URL, or a magnet link",
      complete: "file",
    },
  },
  options: {
    output: {
      kind: "path",
      short: "o",
      placeholder: "DIR",
      default: ".",
      summary: "Put the artifact into this folder",
    },
    peer: { kind: "list", of: "endpoint", summary: "Connect to this peer, besides those that trackers name" },
    ...transferOptions,
    seedFor: {
      kind: "duration",
      infinity: "forever",
      default: "0s",
      setting: true,
      summary: "Go on sending to others for so long after the download",
    },
    ...releaseOptions,
    ...urlPolicyOptions,
  },
  examples: [
    { line: "upswarm get https://updates.example/editor", does: "the newest stable release, proven by its signatures" },
    { line: "upswarm get update.torrent -o ~/Downloads", does: "into a folder" },
    {
      line: "upswarm get 'magnet:?xt=urn:btih:…' --seed-for 2h",
      does: "by magnet link, and help others for two hours",
    },
    { line: "upswarm get --json update.torrent | jq .bytes", does: "where did the bytes come from?" },
  ],
  json: [
    "path, lengthBytes, infoHashV1, infoHashV2, seconds (from the first connection to the last verified piece)",
    "bytes {sitePeers, otherPeers, webSeeds, local, duplicate, hashFailed, uploaded}, as soon as the download is verified",
    "of a release also: product, version, channel, vouchedBy",
  ],
  async run({ positionals, options }, context) {
    const { signal } = context;
    const peers = await resolvePeers(options.peer);
    const policy = urlPolicyOf(options);
    const source = await fetchSource(positionals.source, { signal, policy });
    await using release =
      source.kind === "page" ? await openRelease(positionals.source, source, { ...options, policy }, context) : null;
    if (source.kind !== "page") {
      const named = source.kind === "magnet" ? "magnet link" : ".torrent";
      context.note(`Nothing vouches for this ${named} but its hash: what arrives is what it names, whoever made it.`);
    }
    const withdrawn = release === null ? [] : [release.withdrawn];
    const ending = AbortSignal.any([signal, ...withdrawn]);
    await using session = await openSession(options, context);
    const wanted =
      source.kind === "page" ? release?.verified.metainfo : source.kind === "magnet" ? source.magnet : source.metainfo;
    assert.ok(wanted);
    const torrent = session.add({ source: wanted, mode: "download", directory: options.output, peers, signal: ending });
    const path = await download(torrent, context);
    context.print(...outcome(torrent, path, release));
    if (options.seedFor > 0) await seedOn(torrent, options.seedFor, ending, context);
    for (const { reason } of withdrawn.filter(({ aborted }) => aborted)) throw reason;
  },
});

/** The artifact's path. A disk that is full ends the command: what is there is kept, and the next run goes on. */
async function download(torrent: Torrent, context: Context): Promise<string> {
  const { promise: failed, reject } = Promise.withResolvers<never>();
  const unsubscribe = torrent.on("warning", (error) => {
    if (error instanceof StorageError) reject(error);
  });
  using _progress = context.follow(transferSample(torrent, context));
  try {
    return (await Promise.race([torrent.completed, failed])).path;
  } finally {
    unsubscribe();
  }
}

async function seedOn(torrent: Torrent, durationMs: number, ending: AbortSignal, context: Context): Promise<void> {
  context.note(
    durationMs === Infinity ? "Seeding; Ctrl-C stops." : `Seeding for ${formatDuration(durationMs / 1000)}.`,
  );
  using _progress = context.follow(transferSample(torrent, context));
  await pause(durationMs, ending);
}

function outcome(torrent: Torrent, path: string, release: OpenRelease | null): readonly [result: object, text: string] {
  const { bytes, seconds: measured, totalBytes: lengthBytes } = torrent.stats();
  const { infoHashV1 = null, infoHashV2 = null } = torrent.info ?? {};
  // Nobody was asked for anything where all of it lay there already.
  const seconds = Math.round((measured ?? 0) * 1000) / 1000;
  const share = shareFromPeers(bytes);
  const received = lengthBytes - bytes.local;
  const text = [
    `${path}: ${formatSize(lengthBytes)}, verified`,
    ...(received > 0 && seconds > 0
      ? [
          `in ${seconds < 60 ? `${seconds.toFixed(1)} s` : formatDuration(seconds)} at ${formatRate(received / seconds)}`,
        ]
      : []),
    ...(share === null ? [] : [`${Math.floor(share * 100)} % from peers`]),
  ].join(", ");
  const result = { path, lengthBytes, infoHashV1, infoHashV2, seconds, bytes };
  if (release === null) return [result, `${text}.`];
  const { record, rootFingerprint } = release.verified;
  const { product, version, channel } = record;
  return [{ ...result, product, version, channel, vouchedBy: `root ${rootFingerprint}` }, `${text}, signed.`];
}
