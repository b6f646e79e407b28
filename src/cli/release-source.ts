// A release's page as the source of `get`: who vouches for it, and whether it is withdrawn later. The repository's code
// is loaded here and not before, since most commands have no use for it.

import { open } from "node:fs/promises";
import { formatDuration, formatSize } from "./framework/units.ts";
import { messageOf, ROOT_BYTES_MAX, WITHDRAWAL_CHECK_MS_MIN } from "../core/index.ts";
import type { UrlPolicy } from "../net/index.ts";
import type { ReleaseClient, ReleasePage, VerifiedRelease } from "../release/index.ts";
import { CliError, fileError } from "./cli-error.ts";
import type { Context } from "./context.ts";
import { trustFolder } from "./data-folder.ts";
import { UsageError } from "./framework/usage-error.ts";
import type { PageSource } from "./torrent-source.ts";

export interface ReleaseSettings {
  readonly channel: string;
  /** A file. */
  readonly root: string | null;
  readonly noFirstUse: boolean;
  /** Milliseconds between two looks for a withdrawal. */
  readonly recheck: number;
}

export interface OpenRelease extends AsyncDisposable {
  readonly verified: VerifiedRelease;
  /** Aborted with a WithdrawnError when the release is withdrawn. */
  readonly withdrawn: AbortSignal;
}

/** Verifies what the page leads to. @throws ReleaseError, WithdrawnError, NetError, UsageError, CliError */
export async function openRelease(
  word: string,
  source: PageSource,
  settings: ReleaseSettings & { readonly policy: UrlPolicy },
  context: Context,
): Promise<OpenRelease> {
  if (settings.recheck < WITHDRAWAL_CHECK_MS_MIN) {
    const least = formatDuration(WITHDRAWAL_CHECK_MS_MIN / 1000);
    throw new UsageError("usage.value", `--recheck: at most once in ${least}.`);
  }
  const release = await import("../release/index.ts");
  const page =
    source.bytes === null ? release.releasePageUrl(source.url) : release.parseReleasePage(source.bytes, source.url);
  if (page === null) throw source.error ?? new CliError("cli.read", `${word} is no release page.`);
  const stop = new AbortController();
  const signal = AbortSignal.any([stop.signal, context.signal]);
  const client = release.openReleaseClient({
    originUrl: word,
    metadataBaseUrl: page.metadataUrl,
    targetBaseUrl: page.targetUrl,
    trustFolder: trustFolder(context.sources.env),
    pinnedRoot: settings.root === null ? null : await readRoot(settings.root),
    allowFirstUse: !settings.noFirstUse,
    onFirstUse: (fingerprint, path) => context.note(firstUse(source.url, fingerprint, path)),
    http: { policy: settings.policy, userAgent: `upswarm/${context.program.version}` },
    signal,
  });
  try {
    const verified = await verify(client, page, settings.channel, source);
    const { record, rootFingerprint } = verified;
    const size = formatSize(record.lengthBytes);
    context.note(
      `${record.product} ${record.version} (${record.channel}, ${size}), signed by root ${rootFingerprint}.`,
    );
    const withdrawn = new AbortController();
    const onFailure = (error: unknown): void =>
      context.log.write("warn", "release.recheck-failed", { reason: messageOf(error) });
    const watch = { client, record, intervalMs: settings.recheck, signal, onFailure };
    const watching = release.watchWithdrawal(watch).catch((error: unknown) => withdrawn.abort(error));
    return {
      verified,
      withdrawn: withdrawn.signal,
      async [Symbol.asyncDispose]() {
        stop.abort();
        await watching;
        await client[Symbol.asyncDispose]();
      },
    };
  } catch (error) {
    await client[Symbol.asyncDispose]();
    throw error;
  }
}

async function verify(
  client: ReleaseClient,
  page: ReleasePage,
  channel: string,
  source: PageSource,
): Promise<VerifiedRelease> {
  const { product, version } = page;
  try {
    return await (version === null ? client.newest(product, channel) : client.release(product, version));
  } catch (error) {
    // A page that is gone and of which nothing signed says why: then its own answer is the better explanation.
    const isKnown = (error as { code?: unknown }).code === "release.withdrawn";
    throw source.error === null || isKnown ? error : source.error;
  }
}

function firstUse(url: URL, fingerprint: string, path: string): string {
  const plain =
    url.protocol === "http:" ? " It came over plain HTTP, where anybody on the way could have replaced it." : "";
  return (
    `First use of ${url.host}: from now on its root ${fingerprint} is trusted, and kept in ${path}. ` +
    `Compare it with what the publisher says elsewhere.${plain}`
  );
}

/** @throws CliError */
async function readRoot(path: string): Promise<Buffer> {
  try {
    await using file = await open(path);
    const { size } = await file.stat();
    if (size > ROOT_BYTES_MAX) throw new CliError("cli.read", `${path} has ${size} bytes: too many for a root.`);
    return await file.readFile();
  } catch (error) {
    throw error instanceof CliError ? error : fileError(error, path, "read");
  }
}
