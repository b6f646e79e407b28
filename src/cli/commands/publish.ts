// `upswarm publish PATH`: a release of an origin, on this machine or elsewhere: hashed, compared with what the vendor
// published, signed, on the page, tracked and seeded, by a running `serve` within a second.

import { join } from "node:path";
import type { OriginFolder, Release, Vendor } from "../../origin/index.ts";
import type { Signer } from "../../release/index.ts";
import { StorageWorkers } from "../../storage/index.ts";
import type { Context } from "../context.ts";
import { defineCommand, type Command } from "../framework/command.ts";
import { UsageError } from "../framework/usage-error.ts";
import { dataOption, newConfigOf, newOriginOptions, type NewOriginValues } from "../origin-options.ts";
import { workSample } from "../output/work-sample.ts";
import { passphraseOption, readNewPassphrase, readPassphrase } from "../passphrase.ts";
import { readNotes } from "../release-notes.ts";
import { publishElsewhere, remoteOptions, type RemoteValues } from "../remote-publication.ts";
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
    "The payload is copied into the origin's folder and hashed there; where a hash that the vendor published is given and " +
      "differs, nothing is published. The same bytes again change nothing; other bytes under a version that is there are refused.",
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
    ...remoteOptions,
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
    "product, version, channel, outcome (published, same), page, name, lengthBytes, sha256, infoHashV1, infoHashV2, infoHashTwin",
  ],
  async run({ positionals: { path }, options }, context) {
    const { parseChannelName, parseProductName, parseVersion } = await import("../../release/index.ts");
    const details = {
      product: parseProductName(options.product),
      version: parseVersion(options.version),
      channel: parseChannelName(options.channel),
      vendor: vendorOf(options),
      notes: options.notes === null ? null : await readNotes(options.notes),
    };
    const asked = { ...options, path, details };
    const { outcome, site } =
      options.to === null ? await publishHere(asked, context) : await publishThere(asked, context);
    print(outcome, site, context);
  },
});

type Details = Parameters<typeof import("../../origin/index.ts").prepareRelease>[0]["details"];

interface Published {
  readonly outcome: { readonly kind: "published" | "same"; readonly release: Release };
  /** The origin's public URL. */
  readonly site: string;
}

interface Asked extends NewOriginValues, RemoteValues {
  readonly path: string;
  readonly details: Details;
  readonly name: string | null;
  readonly pieceLength: number | null;
  readonly data: string;
  readonly key: string | null;
  readonly to: string | null;
  readonly passphraseFile: string | null;
}

async function publishHere(asked: Asked, context: Context): Promise<Published> {
  const made = await makeWhereAbsent(asked, context);
  const { openOriginFolder } = await import("../../origin/index.ts");
  await using origin = await openOriginFolder(asked.data, context);
  const passphrase = made ?? (await readPassphrase(asked.passphraseFile, "Passphrase of the targets key", context));
  const signer = await signerOf(asked.key ?? join(origin.folder.offlineKeys, "targets.json"), passphrase);
  return { outcome: await publish(asked, origin, signer, context), site: origin.config.publicUrl };
}

async function publishThere(asked: Asked, context: Context): Promise<Published> {
  const { to, key, path, details, name, pieceLength } = asked;
  if (to === null || key === null) throw new UsageError("usage.option", "--to needs --key FILE: the key stays here.");
  const passphrase = await readPassphrase(asked.passphraseFile, "Passphrase of the key", context);
  const signer = await signerOf(key, passphrase);
  const url = new URL(to).origin;
  return {
    outcome: await publishElsewhere({ url, path, details, name, pieceLength, signer }, asked, context),
    site: url,
  };
}

function print({ kind, release }: Published["outcome"], site: string, context: Context): void {
  const { product, version, channel, name, lengthBytes, sha256, infoHashV1, infoHashV2, infoHashTwin } = release;
  const page = `${site}/${product}/${version}`;
  const said = kind === "same" ? "These bytes are published already; nothing was changed." : "Published.";
  const hashes = { sha256, infoHashV1, infoHashV2, infoHashTwin };
  context.print(
    { product, version, channel, outcome: kind, page, name, lengthBytes, ...hashes },
    `${said}\n${rows([
      ["page", page],
      ["SHA-256", sha256 ?? "– (a folder)"],
      ["info-hash v1", infoHashV1],
      ["info-hash v2", infoHashV2],
    ])}`,
  );
}

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
  return { name: vendor, url: vendorUrl, hashes: given.map(([algorithm, hex]) => ({ algorithm, hex })) };
}

/** The new keys' passphrase, so that nobody is asked for it again; null where there is an origin. */
async function makeWhereAbsent(options: Asked, context: Context): Promise<string | null> {
  const { createOrigin, holdsOrigin } = await import("../../origin/index.ts");
  if (await holdsOrigin(options.data)) return null;
  context.note(`${options.data} holds no origin yet: one is made, with new keys.`);
  const config = newConfigOf(options);
  const passphrase = await readNewPassphrase(options.passphraseFile, context);
  const { folder } = await createOrigin({ path: options.data, config, passphrase, clock: context.clock });
  warnOfKeys(folder.offlineKeys, context);
  return passphrase;
}

/** The key of targets, or of the product's own publisher; which of them counts, the repository says. */
async function signerOf(path: string, passphrase: string): Promise<Signer> {
  const { inspectKeyFile, readKeyFile } = await import("../../release/index.ts");
  const { purpose } = await inspectKeyFile(path);
  return await readKeyFile(path, purpose === "publisher" ? "publisher" : "targets", passphrase);
}

async function publish(
  { path, details, name, pieceLength }: Asked,
  origin: OriginFolder,
  signer: Signer,
  context: Context,
): Promise<Published["outcome"]> {
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
  return await publishRelease(
    { catalogue, payloads, lock: publishLock, clock },
    { draft, metainfo, staged, signal, sign: (release, bytes) => signing.addRelease(release, bytes, [signer]) },
  );
}
