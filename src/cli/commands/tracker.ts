// `upswarm tracker`: a tracker alone, over HTTP and UDP on one table. Being stopped is its normal end: exit code 0, with
// totals. SIGHUP reads the allow-list again.

import { formatEndpoint, messageOf } from "../../core/index.ts";
import { createTracker, type Tracker } from "../../tracker/index.ts";
import type { Context } from "../context.ts";
import { defineCommand, type Command, type HostPort } from "../framework/command.ts";
import { listeningAddressOf } from "../listening-address.ts";
import { pause } from "../waiting.ts";

/** What many clients and operators expect a tracker to have. */
const DEFAULT_ADDRESS: HostPort = { host: "", port: 6969 };

export const trackerCommand: Command = defineCommand({
  name: "tracker",
  summary: "run a tracker alone, over HTTP and UDP",
  description: [
    "Without --http and --udp it listens on port 6969 for both, on every address; with one of them, only there. " +
      "SIGINT (Ctrl-C) and SIGTERM end it cleanly, with totals and exit code 0; SIGHUP reads the allow-list again.",
  ],
  positionals: {},
  options: {
    http: { kind: "endpoint", setting: true, summary: "Listen here for HTTP; port 0 takes a free one" },
    udp: { kind: "endpoint", setting: true, summary: "Listen here for UDP" },
    allow: {
      kind: "path",
      placeholder: "FILE",
      setting: true,
      summary: "Serve these info-hashes alone: one a line in hex, # begins a comment",
    },
    interval: { kind: "duration", default: "30m", setting: true, summary: "How often peers are to announce" },
  },
  examples: [
    { line: "upswarm tracker", does: "an open tracker on port 6969" },
    {
      line: "upswarm tracker --http 127.0.0.1:8000 --allow releases.txt",
      does: "behind a proxy, for some torrents alone",
    },
  ],
  json: [
    "when ready: http, udp (HOST:PORT, or null)",
    "at the end: announces, scrapes, connects, refused, limited, ignored, unsent, and what is in the table: swarms, peers",
  ],
  jsonLines: 2,
  async run({ options }, context) {
    const isDefault = options.http === null && options.udp === null;
    const { http, udp } = isDefault ? { http: DEFAULT_ADDRESS, udp: DEFAULT_ADDRESS } : options;
    await using tracker = await createTracker({
      ...(http === null ? {} : { http: listeningAddressOf(http) }),
      ...(udp === null ? {} : { udp: listeningAddressOf(udp) }),
      ...(options.allow === null ? {} : { allow: options.allow }),
      intervalSeconds: Math.floor(options.interval / 1000),
      clock: context.clock,
      log: context.log,
    });
    if (options.allow !== null) context.onReload(() => void reload(tracker, context));
    context.print(...readiness(tracker));
    await pause(Infinity, context.signal);
    const stats = tracker.stats();
    context.print(
      stats,
      `Answered ${stats.announces} announces and ${stats.scrapes} scrapes, refused ${stats.refused}.`,
    );
  },
});

function readiness(tracker: Tracker): readonly [result: object, text: string] {
  const [http = null, udp = null] = [tracker.http, tracker.udp].map(
    ([endpoint]) => endpoint && formatEndpoint(endpoint),
  );
  const urls = [...(http === null ? [] : [`http://${http}/announce`]), ...(udp === null ? [] : [`udp://${udp}`])];
  return [{ http, udp }, `Tracker at ${urls.join(" and ")}; Ctrl-C stops.`];
}

async function reload(tracker: Tracker, context: Context): Promise<void> {
  try {
    await tracker.reload();
    context.note("The allow-list was read again.");
  } catch (error) {
    context.log.write("error", "tracker.reload-failed", { reason: messageOf(error) });
  }
}
