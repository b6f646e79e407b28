// An engine session from a command's options, and a torrent's progress as the views want it.

import { endpointOf, isSiteName, messageOf, SITE_NAME_BYTES_MAX, type Endpoint, type Log } from "../core/index.ts";
import { Session, type Torrent } from "../engine/index.ts";
import { systemResolve, type UrlPolicy } from "../net/index.ts";
import { CliError } from "./cli-error.ts";
import type { Context } from "./context.ts";
import { showHostPort, type HostPort } from "./framework/command.ts";
import { UsageError } from "./framework/usage-error.ts";
import type { ProgressSample } from "./output/progress.ts";
import { workSample } from "./output/work-sample.ts";

/** Rates in bytes a second; Infinity is no limit. */
export interface SessionSettings extends UrlPolicy {
  readonly listen: HostPort;
  readonly maxUpload: number;
  readonly maxDownload: number;
  readonly maxRemoteUpload: number;
  /** See isSiteName; null for none. */
  readonly site: string | null;
  readonly localDiscovery: "on" | "off";
  readonly choking: "cooperative" | "reciprocal";
}

/** @throws NetError where it cannot listen; UsageError */
export async function openSession(settings: SessionSettings, context: Context): Promise<Session> {
  const { host, port } = settings.listen;
  return await Session.open({
    listen: host === "" ? { port } : { host, port },
    maxUploadRate: finite(settings.maxUpload),
    maxDownloadRate: finite(settings.maxDownload),
    maxRemoteUploadRate: finite(settings.maxRemoteUpload),
    choking: settings.choking,
    site: siteOf(settings.site),
    localDiscovery: settings.localDiscovery === "on",
    urlPolicy: urlPolicyOf(settings),
    clientName: `Upswarm ${context.program.version}`,
    clock: context.clock,
    log: withoutFailures(context.log),
  });
}

function siteOf(name: string | null): string | null {
  if (name === null || isSiteName(name)) return name;
  throw new UsageError("usage.value", `--site: a name is 1 to ${SITE_NAME_BYTES_MAX} bytes of visible characters.`);
}

export function urlPolicyOf(settings: UrlPolicy): UrlPolicy {
  return {
    allowLoopbackTrackerPath: settings.allowLoopbackTrackerPath,
    allowLocalTrackerQuery: settings.allowLocalTrackerQuery,
    allowLocalWebSeedQuery: settings.allowLocalWebSeedQuery,
    allowRedirectToLocal: settings.allowRedirectToLocal,
    allowRedirectToHttp: settings.allowRedirectToHttp,
    allowCredentials: settings.allowCredentials,
  };
}

/** The addresses behind --peer. @throws UsageError, CliError where a name has none */
export async function resolvePeers(peers: readonly HostPort[]): Promise<Endpoint[]> {
  const found = await Promise.all(peers.map(resolvePeer));
  return found.flat();
}

async function resolvePeer(peer: HostPort): Promise<Endpoint[]> {
  const { host, port } = peer;
  if (host === "" || port === 0) {
    throw new UsageError("usage.value", `--peer: ${showHostPort(peer)} needs a host and a port other than 0.`);
  }
  const addresses = await systemResolve(host).catch((error: unknown) => {
    throw new CliError("cli.resolve", `--peer: the name ${host} has no address: ${messageOf(error)}.`, {
      cause: error,
    });
  });
  return addresses.map((address) => endpointOf(address, port)).filter((endpoint) => endpoint !== null);
}

/** Samples of a torrent: of checking what is on disk first, then of the transfer. */
export function transferSample(torrent: Torrent, context: Context): () => ProgressSample {
  const checking = workSample("checking", 0, context.clock);
  return () => {
    const { phase, checkedBytes, haveBytes, totalBytes, downRate, upRate, peers, seeds, bytes } = torrent.stats();
    if (phase === "checking") {
      checking.onProgress({ doneBytes: checkedBytes, totalBytes });
      return checking.sample();
    }
    const left = totalBytes - haveBytes;
    const isKnown = totalBytes > 0 && (left === 0 || downRate >= 1);
    const etaSeconds = isKnown ? Math.round(left / Math.max(1, downRate)) : null;
    const rates = { downRate: Math.round(downRate), upRate: Math.round(upRate) };
    return { phase, doneBytes: haveBytes, totalBytes, ...rates, peers, seeds, etaSeconds, bytes };
  };
}

/** That a torrent failed is what the command itself ends with and tells. */
function withoutFailures(log: Log): Log {
  return {
    write: (level, event, fields) => log.write(event === "torrent.failed" ? "debug" : level, event, fields),
  };
}

function finite(rate: number): number | null {
  return rate === Infinity ? null : rate;
}
