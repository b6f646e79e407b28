// `upswarm publish PATH`: a release of an origin on this machine: hashed, compared with what the vendor published, signed,
// on the page, tracked and seeded, by a running `serve` within a second.

import { join } from "node:path";
import { magnetOf, parseMetainfo } from "../../metainfo/index.ts";
import type { OriginFolder, Vendor } from "../../origin/index.ts";
import type { Signer } from "../../release/index.ts";
import { StorageWorkers } from "../../storage/index.ts";
import type { Context } from "../context.ts";
import { defineCommand, type Command } from "../framework/command.ts";
import { UsageError } from "../framework/usage-error.ts";
import { dataOption, newConfigOf, newOriginOptions, type NewOriginValues } from "../origin-options.ts";
import { workSample } from "../output/work-sample.ts";
import { passphraseOption, readNewPassphrase, readPassphrase } from "../passphrase.ts";
import { readNotes } from "../release-notes.ts";
import { rows } from "../torrent-summary.ts";
import { warnOfKeys } from "./init.ts";

const releaseOptions = {
  product: { kind: "string", placeholder: "NAME", required: true, summary: "The product, as in its page's address" },
  version: { kind: "string", placeholder: "VERSION", required: true, summary: "Never replaced: these bytes for ever" },
  channel: { kind: "string", default: "stable", summary: "The channel that is to point at it" },
  vendor: { kind: "string", placeholder: "NAME", summary: "Whose software it is" },
  vendorUrl: { kind: "url", summary: "The vendor's own page of it" },
  vendorSha1: { kind: "string", placeholder: "HEX", summary: "What the vendor published; other bytes are refused" },
  vendorSha256: { kind: "string", placeholder: "HEX", summary: "The same, SHA-256" },
  vendorSha512: { kind: "string", placeholder: "HEX", summary: "The same, SHA-512" },
  notes: { kind: "path", placeholder: "FILE", summary: "Release notes, plain text" },
  name: { kind: "string", summary: "The name of the file or folder at the receiving end; by default as it is here" },
  pieceLength: { kind: "size", summary: "A power of two; by default chosen by the size of the payload" },
} as const;

export const publishCommand: Command = defineCommand({
  name: "publish",
  summary: "publish a file or folder as a release of an origin",
  description: [
    "The payload is copied into the origin's folder and hashed there; where the vendor's published hash is given and differs, " +
      "nothing is published. The same bytes again change nothing; other bytes under a version that is there are refused.",
    "Where --data holds no origin yet, one is made, as by upswarm init.",
  ],
  positionals: { path: { placeholder: "PATH", summary: "The file or folder to publish", complete: "file" } },
  options: {
    ...releaseOptions,
    ...dataOption,
    key: {
      kind: "path",
      placeholder: "FILE",
      setting: true,
      summary: "The targets key, or the product's own; by default DIR/offline-keys/targets.json",
    },
    ...passphraseOption,
    ...newOriginOptions,
  },
  examples: [
    { line: "upswarm publish update-7.2.tar --product update --version 7.2", does: "a release, and its page" },
    {
      line: "upswarm publish sp2.exe --product windows-xp --version sp2 --vendor Contoso --vendor-sha1 59a9…",
      does: "somebody else's software, by their own hash",
    },
  ],
  json: [
    "product, version, channel, outcome (published, same), page, magnet, name, lengthBytes, sha256, infoHashV1, infoHashV2, infoHashTwin",
  ],
  async run({ positionals: { path }, options }, context) {
    const { parseChannelName, parseProductName, parseVersion } = await import("../../release/index.ts");
    const product = parseProductName(options.product);
    const version = parseVersion(options.version);
    const channel = parseChannelName(options.channel);
    const vendor = vendorOf(options);
    const notes = options.notes === null ? null : await readNotes(options.notes);
    const made = await makeWhereAbsent(options, context);
    const { openOriginFolder } = await import("../../origin/index.ts");
    await using origin = await openOriginFolder(options.data, context);
    const passphrase = made ?? (await readPassphrase(options.passphraseFile, "Passphrase of the targets key", context));
    const signer = await signerOf(options.key ?? join(origin.folder.offlineKeys, "targets.json"), passphrase);
    const details = { product, version, channel, vendor, notes };
    const { outcome, metainfo } = await publish(path, origin, signer, { ...options, details }, context);
    const { kind, release } = outcome;
    const { name, lengthBytes, sha256, infoHashV1, infoHashV2, infoHashTwin } = release;
    const page = `${origin.config.publicUrl}/${product}/${version}`;
    const magnet = magnetOf(parseMetainfo(metainfo));
    const result = { product, version, channel: release.channel, outcome: kind, page, magnet };
    const said = kind === "same" ? "These bytes are published already; nothing was changed." : "Published.";
    context.print(
      { ...result, name, lengthBytes, sha256, infoHashV1, infoHashV2, infoHashTwin },
      `${said}\n${rows([
        ["page", page],
        ["SHA-256", sha256 ?? "– (a folder)"],
        ["magnet", magnet],
      ])}`,
    );
  },
});

interface VendorOptions {
  readonly vendor: string | null;
  readonly vendorUrl: string | null;
  readonly vendorSha1: string | null;
  readonly vendorSha256: string | null;
  readonly vendorSha512: string | null;
}

function vendorOf({ vendor, vendorUrl, vendorSha1, vendorSha256, vendorSha512 }: VendorOptions): Vendor | null {
  const given = Object.entries({ sha1: vendorSha1, sha256: vendorSha256, sha512: vendorSha512 } as const).filter(
    (entry): entry is ["sha1" | "sha256" | "sha512", string] => entry[1] !== null,
  );
  if (vendor === null) {
    if (vendorUrl === null && given.length === 0) return null;
    throw new UsageError("usage.option", "--vendor-url and the vendor's hashes need --vendor NAME.");
  }
  if (given.length > 1) throw new UsageError("usage.option", "Give one of the vendor's hashes: the strongest.");
  const [algorithm, hex] = given[0] ?? [];
  const hash = algorithm === undefined || hex === undefined ? null : { algorithm, hex };
  return { name: vendor, url: vendorUrl, hash };
}

interface NewOrigin extends NewOriginValues {
  readonly data: string;
  readonly passphraseFile: string | null;
}

/** The new keys' passphrase, so that nobody is asked for it again; null where there is an origin. */
async function makeWhereAbsent(options: NewOrigin, context: Context): Promise<string | null> {
  const { createOrigin, holdsOrigin } = await import("../../origin/index.ts");
  if (await holdsOrigin(options.data)) return null;
  context.note(`${options.data} holds no origin yet: one is made, with new keys.`);
  const config = newConfigOf(options);
  const passphrase = await readNewPassphrase(options.passphraseFile, context);
  const { folder } = await createOrigin({ path: options.data, config, passphrase, clock: context.clock });
  warnOfKeys(folder.offlineKeys, context);
  return passphrase;
}

async function signerOf(path: string, passphrase: string): Promise<Signer> {
  const { readKeyFile } = await import("../../release/index.ts");
  return await readKeyFile(path, "targets", passphrase);
}

interface Publishing {
  readonly details: Parameters<typeof import("../../origin/index.ts").prepareRelease>[0]["details"];
  readonly name: string | null;
  readonly pieceLength: number | null;
}

async function publish(
  path: string,
  origin: OriginFolder,
  signer: Signer,
  { details, name, pieceLength }: Publishing,
  context: Context,
): Promise<{ outcome: Awaited<ReturnType<typeof import("../../origin/index.ts").publishRelease>>; metainfo: Buffer }> {
  const { prepareRelease, publishRelease } = await import("../../origin/index.ts");
  const { catalogue, payloads, publishLock, signing, config } = origin;
  const { signal, clock } = context;
  await using workers = new StorageWorkers();
  await using staged = await payloads.stage();
  const work = workSample("hashing", 0, clock);
  using _progress = context.follow(work.sample);
  const { draft, metainfo } = await prepareRelease({
    path,
    details,
    name,
    pieceLengthBytes: pieceLength,
    copyTo: staged.folder,
    trackers: config.trackers,
    publicUrl: config.publicUrl,
    workers,
    signal,
    onProgress: work.onProgress,
  });
  const outcome = await publishRelease(
    { catalogue, payloads, lock: publishLock, clock },
    { draft, metainfo, staged, signal, sign: (release, bytes) => signing.addRelease(release, bytes, [signer]) },
  );
  return { outcome, metainfo };
}
