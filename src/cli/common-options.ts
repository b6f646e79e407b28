// The options that more than one command has. One declaration each, since a setting has one meaning everywhere.

/** Of every command. */
export const commonOptions = {
  help: { kind: "flag", short: "h", summary: "Show what the command does, with examples" },
  version: { kind: "flag", summary: "Show the version" },
  json: { kind: "flag", summary: "Print the result as JSON on stdout, and nothing else there" },
  quiet: { kind: "flag", short: "q", summary: "Show errors alone on stderr: no progress, no notes" },
  verbose: { kind: "flag", short: "v", summary: "Log what happens in detail" },
  progress: {
    kind: "choice",
    choices: ["auto", "bar", "plain", "json", "none"],
    default: "auto",
    setting: true,
    summary: "How progress is shown on stderr; auto is a bar on a terminal and a line now and then elsewhere",
  },
  log: {
    kind: "choice",
    choices: ["text", "json"],
    default: "text",
    setting: true,
    summary: "The form of the log on stderr",
  },
  config: {
    kind: "path",
    placeholder: "FILE",
    summary: "Read this config file instead of the usual ones (UPSWARM_CONFIG)",
  },
} as const;

/** Each lifts one rule about the URLs that a torrent names, against requests to servers that its author cannot reach. */
export const urlPolicyOptions = {
  allowLoopbackTrackerPath: {
    kind: "flag",
    setting: true,
    summary: "A tracker on this machine may have another path than /announce",
  },
  allowLocalTrackerQuery: {
    kind: "flag",
    setting: true,
    summary: "A tracker on a local address may have a query string",
  },
  allowLocalWebSeedQuery: {
    kind: "flag",
    setting: true,
    summary: "A web seed on a local address may have a query string",
  },
  allowRedirectToLocal: { kind: "flag", setting: true, summary: "A redirect may lead to a local address" },
  allowRedirectToHttp: { kind: "flag", setting: true, summary: "A redirect may lead from https to http" },
  allowCredentials: { kind: "flag", setting: true, summary: "A tracker or web seed URL may hold user:password@" },
} as const;

/** Of the commands that take a release from an origin. */
export const releaseOptions = {
  channel: {
    kind: "string",
    placeholder: "NAME",
    default: "stable",
    setting: true,
    summary: "Of a product's page, take the newest release of this channel",
  },
  root: {
    kind: "path",
    placeholder: "FILE",
    setting: true,
    summary: "Trust this root (the origin's 1.root.json, from a source you trust) and what chains from it",
  },
  noFirstUse: {
    kind: "flag",
    setting: true,
    summary: "Refuse an origin whose root is neither given nor known, instead of trusting it on first use",
  },
  recheck: {
    kind: "duration",
    default: "3m",
    setting: true,
    summary: "While downloading and seeding a release, ask so often whether it was withdrawn",
  },
} as const;

/** Of the commands that move data. */
export const transferOptions = {
  listen: {
    kind: "endpoint",
    default: ":0",
    setting: true,
    summary: "Accept peers here; no HOST is every address, IPv4 and IPv6, and port 0 a free one",
  },
  maxUpload: {
    kind: "rate",
    default: "unlimited",
    infinity: "unlimited",
    setting: true,
    summary: "Send no faster",
  },
  maxDownload: {
    kind: "rate",
    default: "unlimited",
    infinity: "unlimited",
    setting: true,
    summary: "Receive no faster",
  },
  maxRemoteUpload: {
    kind: "rate",
    default: "unlimited",
    infinity: "unlimited",
    setting: true,
    summary: "Send no faster to peers outside of this machine's own site",
  },
  site: {
    kind: "string",
    placeholder: "NAME",
    setting: true,
    summary: "The site that this machine is on; without a name its site is its network (/24, /64)",
  },
  localDiscovery: {
    kind: "choice",
    choices: ["on", "off"],
    default: "on",
    setting: true,
    summary: "Find peers on this machine's own networks by multicast, and be found there",
  },
  choking: {
    kind: "choice",
    choices: ["cooperative", "reciprocal"],
    default: "cooperative",
    setting: true,
    summary: "Serve everybody (a fleet), or those who give and a few others (strangers)",
  },
} as const;
