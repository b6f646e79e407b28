// `publish --to URL`: to an origin elsewhere, by its API with a token, signed here with a key that the origin never sees.

import { readFile } from "node:fs/promises";
import type { Release } from "../origin/index.ts";
import type { Signer } from "../release/index.ts";
import { StorageWorkers } from "../storage/index.ts";
import { fileError } from "./cli-error.ts";
import type { Context } from "./context.ts";
import { UsageError } from "./framework/usage-error.ts";
import { workSample } from "./output/work-sample.ts";

export const remoteOptions = {
  to: { kind: "url", setting: true, summary: "Publish to the origin whose site is here, instead of to --data" },
  tokenFile: {
    kind: "path",
    placeholder: "FILE",
    setting: true,
    summary: "Read the API token (scope publish) from this file; or UPSWARM_TOKEN",
  },
  rootFingerprint: {
    kind: "string",
    placeholder: "HEX",
    setting: true,
    summary: "The root of that origin, as its init printed it: nothing is signed for another",
  },
} as const;

export interface RemoteValues {
  readonly tokenFile: string | null;
  readonly rootFingerprint: string | null;
}

export interface RemoteRelease {
  readonly url: string;
  readonly path: string;
  readonly details: Parameters<typeof import("../origin/index.ts").publishRemotely>[0]["details"];
  readonly name: string | null;
  readonly pieceLength: number | null;
  readonly signer: Signer;
}

/** @throws UsageError; PublishError, OriginAnswerError, UploadError, SignatureError */
export async function publishElsewhere(
  release: RemoteRelease,
  values: RemoteValues,
  context: Context,
): Promise<{ readonly kind: "published" | "same"; readonly release: Release }> {
  const { url, path, details, name, pieceLength, signer } = release;
  const rootFingerprint = values.rootFingerprint;
  if (rootFingerprint === null || !/^[0-9a-f]{64}$/i.test(rootFingerprint)) {
    throw new UsageError(
      "usage.option",
      "--to needs --root-fingerprint: 64 hex digits, as the origin's init printed them.",
    );
  }
  const token = await readToken(values.tokenFile, context);
  const { publishRemotely, signAsPublisher } = await import("../origin/index.ts");
  await using workers = new StorageWorkers();
  const work = workSample("hashing", 0, context.clock);
  using _progress = context.follow(work.sample);
  return await publishRemotely({
    url,
    token,
    path,
    details,
    name,
    pieceLengthBytes: pieceLength,
    workers,
    signal: context.signal,
    onProgress: work.onProgress,
    clock: context.clock,
    sign: signAsPublisher({ signers: [signer], rootFingerprint, clock: context.clock }),
  });
}

async function readToken(file: string | null, context: Context): Promise<string> {
  const given = file === null ? context.sources.env["UPSWARM_TOKEN"] : await tokenOf(file);
  if (given !== undefined && given !== "") return given;
  throw new UsageError(
    "usage.option",
    "--to needs a token with the scope publish: --token-file FILE or UPSWARM_TOKEN.",
  );
}

async function tokenOf(path: string): Promise<string> {
  try {
    return (await readFile(path, "utf8")).trim();
  } catch (error) {
    throw fileError(error, path, "read");
  }
}
