// `npm run simulate`: a crowd in virtual time, by the same decisions as the engine's, against the bound that no policy can
// beat. Example: npm run simulate -- --machines 1000 --size 64 --piece 64 --uplink 50 --downlink 100 --links 40

import { parseArgs } from "node:util";
import { runCrowd } from "../test/simulation/crowd.ts";

const { values } = parseArgs({
  options: {
    machines: { type: "string", default: "20" },
    /** MiB */
    size: { type: "string", default: "64" },
    /** KiB */
    piece: { type: "string", default: "64" },
    /** Mbit/s, of every machine and (unless told otherwise) of the origin */
    uplink: { type: "string", default: "50" },
    "origin-uplink": { type: "string" },
    downlink: { type: "string", default: "100" },
    /** ms, one way */
    delay: { type: "string", default: "1" },
    /** Links that a machine makes */
    links: { type: "string", default: "40" },
    /** Seconds over which the machines arrive */
    arrival: { type: "string" },
    /** Share of the machines that go down midway, 0 to 1 */
    killed: { type: "string" },
    "origin-leaves": { type: "boolean", default: false },
    seed: { type: "string", default: "1" },
  },
});

const uplink = Number(values.uplink);
const originUplink = Number(values["origin-uplink"] ?? uplink);
const startedAt = performance.now();
const result = runCrowd({
  seed: Number(values.seed),
  machines: Number(values.machines),
  lengthBytes: Number(values.size) * 1_048_576,
  pieceLengthBytes: Number(values.piece) * 1_024,
  upMbit: (machine) => (machine < 0 ? originUplink : uplink),
  downMbit: Number(values.downlink),
  delayMs: Number(values.delay),
  links: Number(values.links),
  originLeaves: values["origin-leaves"],
  ...(values.arrival === undefined ? {} : { arrivalMs: Number(values.arrival) * 1_000 }),
  ...(values.killed === undefined ? {} : { killedShare: Number(values.killed) }),
});

const seconds = (ms: number): string => `${(ms / 1_000).toFixed(2)} s`;
console.log(`${values.machines} machines, ${values.size} MiB, uplinks ${values.uplink} Mbit/s, seed ${values.seed}`);
console.log(`first, median, last  ${seconds(result.firstMs)}, ${seconds(result.medianMs)}, ${seconds(result.lastMs)}`);
console.log(
  `bound                ${seconds(result.boundMs)}: the last takes ${(result.lastMs / result.boundMs).toFixed(3)} of it`,
);
console.log(`origin               ${result.originCopies.toFixed(3)} copies`);
console.log(`duplicates           ${(result.duplicateShare * 100).toFixed(2)} % of the bytes of use`);
console.log(`simulated in         ${seconds(performance.now() - startedAt)}`);
if (!result.isComplete) {
  console.error("Not every machine completed.");
  process.exitCode = 1;
}
