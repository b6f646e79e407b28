// `npm run bench -- NAME`: measures beside a peer in the same run. Installs nothing; says what is missing.

import { parseArgs } from "node:util";
import { throughput } from "./throughput.ts";

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    size: { type: "string", default: "1024" },
    rounds: { type: "string", default: "3" },
    formats: { type: "string", default: "v1,v2,hybrid" },
    json: { type: "boolean", default: false },
  },
});

if (positionals[0] === "throughput") {
  await throughput({
    sizeBytes: Number(values.size) * 1024 * 1024,
    rounds: Number(values.rounds),
    formats: values.formats.split(","),
    json: values.json,
  });
} else {
  console.error("Which bench? npm run bench -- throughput [--size MiB] [--rounds N] [--formats v1,v2,hybrid] [--json]");
  process.exitCode = 2;
}
