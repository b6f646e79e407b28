// `npm run simulate`: a crowd in virtual time, by the same decisions as the engine's, against the bound that no policy can
// beat. Examples: npm run simulate -- --case kraken
//                 npm run simulate -- --machines 1000 --size 64 --piece 64 --uplink 50 --downlink 100 --links 20 --json

import { parseArgs } from "node:util";
import { runCrowd } from "../test/simulation/crowd.ts";
import { CROWD_CASES } from "../test/simulation/crowd-cases.ts";
import type { CrowdOptions } from "../test/simulation/crowd-cases.ts";
import { IDEAL_LINKS, SOCKET_LINKS } from "../test/simulation/uplink.ts";

const MEBIBYTE = 1_048_576;

const { values } = parseArgs({
  options: {
    case: { type: "string", default: "plain" },
    machines: { type: "string" },
    /** MiB */
    size: { type: "string" },
    /** KiB */
    piece: { type: "string" },
    /** Mbit/s, of every machine and (unless told otherwise) of the origin */
    uplink: { type: "string" },
    "origin-uplink": { type: "string" },
    downlink: { type: "string" },
    /** ms, one way */
    delay: { type: "string" },
    /** Links that a machine makes; it accepts them up to three times as many */
    links: { type: "string" },
    /** Links cost what they cost in the crowd bench: headers, the buffers of sockets and queues */
    sockets: { type: "boolean", default: false },
    seed: { type: "string" },
    json: { type: "boolean", default: false },
  },
});

const base = CROWD_CASES[values.case];
if (base === undefined) {
  console.error(`No such case: ${values.case}. There are ${Object.keys(CROWD_CASES).join(", ")}.`);
  process.exit(2);
}

const given = (text: string | undefined, otherwise: number, unit = 1): number =>
  text === undefined ? otherwise : Number(text) * unit;
const linksSought = given(values.links, base.linksSought);
const options: CrowdOptions = {
  ...base,
  machines: given(values.machines, base.machines),
  sizeBytes: given(values.size, base.sizeBytes, MEBIBYTE),
  pieceLengthBytes: given(values.piece, base.pieceLengthBytes, 1_024),
  uplinkMbit: given(values.uplink, base.uplinkMbit),
  downlinkMbit: given(values.downlink, base.downlinkMbit),
  delayMs: given(values.delay, base.delayMs),
  linksSought,
  linksMax: values.links === undefined ? base.linksMax : linksSought * 3,
  seed: given(values.seed, base.seed),
  costs: values.sockets ? SOCKET_LINKS : IDEAL_LINKS,
  ...(values["origin-uplink"] === undefined ? {} : { originUplinkMbit: Number(values["origin-uplink"]) }),
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
