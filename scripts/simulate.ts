// `npm run simulate`: a crowd in virtual time, by the same decisions as the engine's, against the bound that no policy can
// beat. `--help` names the options. Examples: npm run simulate -- --case kraken
//                 npm run simulate -- --machines 1000 --size 64 --piece 64 --uplink 50 --downlink 100 --links 20 --json

import { parseArgs } from "node:util";
import { messageOf } from "../src/core/index.ts";
import { runCrowd } from "../test/simulation/crowd.ts";
import { CROWD_CASES } from "../test/simulation/crowd-cases.ts";
import type { CrowdOptions } from "../test/simulation/crowd-cases.ts";
import { IDEAL_LINKS, SOCKET_LINKS } from "../test/simulation/uplink.ts";

const MEBIBYTE = 1_048_576;

const OPTIONS = {
  case: { type: "string", default: "plain" },
  machines: { type: "string" },
  size: { type: "string" },
  piece: { type: "string" },
  uplink: { type: "string" },
  "origin-uplink": { type: "string" },
  downlink: { type: "string" },
  delay: { type: "string" },
  links: { type: "string" },
  sockets: { type: "boolean", default: false },
  seed: { type: "string" },
  json: { type: "boolean", default: false },
  help: { type: "boolean", default: false },
} as const;

const HELP: Readonly<Record<keyof typeof OPTIONS, string>> = {
  case: `where the other values come from: ${Object.keys(CROWD_CASES).join(", ")}`,
  machines: "that take the payload, besides the origin",
  size: "of the payload, MiB",
  piece: "length, KiB",
  uplink: "of every machine and (unless told otherwise) of the origin, Mbit/s",
  "origin-uplink": "Mbit/s",
  downlink: "of every machine, Mbit/s",
  delay: "one way, ms",
  links: "that a machine makes; it accepts them up to three times as many",
  sockets: "links cost what they cost in the crowd bench: headers, the buffers of sockets and queues",
  seed: "another number, another run",
  json: "one line, with the fields of the crowd bench",
  help: "these lines",
};

function fail(sentence: string): never {
  console.error(sentence);
  process.exit(2);
}

function optionsGiven(): ReturnType<typeof parseArgs<{ readonly options: typeof OPTIONS }>>["values"] {
  try {
    return parseArgs({ options: OPTIONS }).values;
  } catch (error) {
    return fail(`${messageOf(error).split(". ")[0]}. --help names the options.`);
  }
}

const values = optionsGiven();
if (values.help) {
  for (const [name, text] of Object.entries(HELP)) console.log(`--${name}`.padEnd(16), text);
  process.exit(0);
}
const base = CROWD_CASES[values.case];
if (base === undefined) fail(`No such case: ${values.case}. There are ${Object.keys(CROWD_CASES).join(", ")}.`);

const given = (text: string | undefined, otherwise: number, unit = 1): number => {
  if (text === undefined) return otherwise;
  const number = Number(text);
  return Number.isFinite(number) && number > 0 ? number * unit : fail(`Not a number above 0: ${text}.`);
};
const linksSought = given(values.links, base.linksSought);
const options: CrowdOptions = {
  ...base,
  machines: given(values.machines, base.machines),
  sizeBytes: given(values.size, base.sizeBytes, MEBIBYTE),
  pieceLengthBytes: given(values.piece, base.pieceLengthBytes, 1_024),
  uplinkMbit: given(values.uplink, base.uplinkMbit),
  downlinkMbit: given(values.downlink, base.downlinkMbit),
  delayMs: values.delay === "0" ? 0 : given(values.delay, base.delayMs),
  linksSought,
  linksMax: values.links === undefined ? base.linksMax : linksSought * 3,
  seed: given(values.seed, base.seed),
  costs: values.sockets ? SOCKET_LINKS : IDEAL_LINKS,
  ...(values["origin-uplink"] === undefined ? {} : { originUplinkMbit: given(values["origin-uplink"], 0) }),
};

const result = runCrowd(options);
const { machines, sizeBytes, uplinkMbit, downlinkMbit, delayMs } = options;
const seconds = (ms: number): number => Math.round(ms) / 1_000;
const quantile = (share: number): number => seconds(result.times[Math.ceil(result.times.length * share) - 1] ?? NaN);
/** The crowd bench prints the same fields. */
const row = {
  case: values.case,
  machines,
  sizeBytes,
  uplinkMbit,
  downlinkMbit,
  delayMs,
  boundSeconds: seconds(result.boundMs),
  firstSeconds: seconds(result.times[0] ?? NaN),
  p50Seconds: quantile(0.5),
  p99Seconds: quantile(0.99),
  lastSeconds: quantile(1),
  ratio: Math.round((result.times.at(-1) ?? NaN) / (result.boundMs / 1_000)) / 1_000,
  originCopies: Math.round(result.originCopies * 1_000) / 1_000,
  duplicateShare: Math.round(result.duplicateShare * 10_000) / 10_000,
  pieceLengthBytes: options.pieceLengthBytes,
  linksSought,
  linksMax: options.linksMax,
  sockets: values.sockets,
  seed: options.seed,
  isComplete: result.isComplete,
  cpuSeconds: Math.round(process.cpuUsage().user / 1e6),
  residentMiB: Math.round(process.resourceUsage().maxRSS / 1_024),
};

if (values.json) console.log(JSON.stringify(row));
else for (const [name, value] of Object.entries(row)) console.log(`${name.padEnd(17)} ${value}`);
if (!result.isComplete) {
  console.error("Not every machine completed.");
  process.exitCode = 1;
}
