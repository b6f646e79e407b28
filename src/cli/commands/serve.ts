// `upswarm serve`: an origin as one process: site, API, downloads, tracker, first seed. Being stopped is its normal end.

import { formatEndpoint } from "../../core/index.ts";
import type { ServedOrigin } from "../../origin/index.ts";
import type { Context } from "../context.ts";
import { defineCommand, type Command } from "../framework/command.ts";
import { UsageError } from "../framework/usage-error.ts";
import { dataOption } from "../origin-options.ts";
import { listeningAddressOf } from "../listening-address.ts";
import { secondsSince } from "../torrent-summary.ts";
import { pause } from "../waiting.ts";

export const serveCommand: Command = defineCommand({
  name: "serve",
  summary: "run an origin: its site, downloads, tracker and first seed",
  description: [
    "Publish, withdraw and restore beside it: it follows within a second. SIGINT (Ctrl-C) and SIGTERM end it cleanly, with " +
      "exit code 0. The log goes to stderr, one JSON object a line.",
  ],
  positionals: {},
  options: {
    ...dataOption,
    siteHttp: { kind: "endpoint", default: ":8080", setting: true, summary: "The site, its downloads and API" },
    seedListen: { kind: "endpoint", default: ":6881", setting: true, summary: "The first seed accepts peers here" },
    trackerHttp: { kind: "endpoint", default: ":6969", setting: true, summary: "The tracker, over HTTP" },
    trackerUdp: { kind: "endpoint", default: ":6969", setting: true, summary: "The tracker, over UDP" },
    seedMaxUpload: {
      kind: "rate",
      default: "unlimited",
      infinity: "unlimited",
      setting: true,
      summary: "The first seed sends no faster",
    },
    tlsCertificate: { kind: "path", placeholder: "FILE", setting: true, summary: "Serve HTTPS: the chain, as PEM" },
    tlsKey: { kind: "path", placeholder: "FILE", setting: true, summary: "… and its private key, as PEM" },
  },
  examples: [
    { line: "upswarm serve", does: "what is in ./upswarm-origin, at http://localhost:8080" },
    {
      line: "upswarm serve --data /srv/updates --site-http 127.0.0.1:8080 --seed-max-upload 200mbit",
      does: "behind a proxy, with a bounded first seed",
    },
  ],
  json: [
    "when ready: url, http, listen, trackerHttp, trackerUdp (HOST:PORT), rootFingerprint",
    "at the end: announces, scrapes, seconds",
  ],
  jsonLines: 2,
  async run({ options }, context) {
    const startMs = context.clock.now();
    const { seedListen: listen, seedMaxUpload, tlsCertificate, tlsKey } = options;
    if ((tlsCertificate === null) !== (tlsKey === null)) {
      throw new UsageError("usage.option", "--tls-certificate and --tls-key belong together.");
    }
    const { serveOrigin } = await import("../../origin/index.ts");
    await using origin = await serveOrigin({
      path: options.data,
      http: listeningAddressOf(options.siteHttp),
      tls: tlsCertificate === null || tlsKey === null ? null : { certificateFile: tlsCertificate, keyFile: tlsKey },
      listen: listen.host === "" ? { port: listen.port } : listen,
      trackerHttp: [listeningAddressOf(options.trackerHttp)],
      trackerUdp: [listeningAddressOf(options.trackerUdp)],
      maxUploadRate: seedMaxUpload === Infinity ? null : seedMaxUpload,
      clientName: `Upswarm ${context.program.version}`,
      clock: context.clock,
    });
    await ready(origin, context);
    await pause(Infinity, context.signal);
    const { announces, scrapes } = origin.trackerStats();
    const seconds = secondsSince(startMs, context.clock.now());
    context.print({ announces, scrapes, seconds }, `Answered ${announces} announces.`);
  },
});

async function ready(origin: ServedOrigin, context: Context): Promise<void> {
  const { parts, http, listen, trackerHttp, trackerUdp } = origin;
  const { rootFingerprint } = await parts.signing.status();
  const [trackerHttpAt, trackerUdpAt] = [trackerHttp[0], trackerUdp[0]].map((at) => at && formatEndpoint(at));
  const { publicUrl } = parts.config;
  const fields = {
    url: publicUrl,
    http: formatEndpoint(http),
    listen: formatEndpoint(listen),
    trackerHttp: trackerHttpAt ?? null,
    trackerUdp: trackerUdpAt ?? null,
    rootFingerprint,
  };
  context.print(fields, `The site: ${publicUrl} (listening at ${fields.http}); Ctrl-C stops.`);
}
