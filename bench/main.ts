// `npm run bench -- NAME`: measures beside a peer in the same run. Installs nothing; says what is missing.

import { parseArgs } from "node:util";
import { crowd } from "./crowd.ts";
import { throughput } from "./throughput.ts";

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    size: { type: "string" },
    rounds: { type: "string", default: "3" },
    formats: { type: "string", default: "v1,v2,hybrid" },
    machines: { type: "string", default: "20" },
    uplink: { type: "string", default: "50" },
    downlink: { type: "string", default: "100" },
    delay: { type: "string", default: "0" },
    clients: { type: "string", default: "upswarm,libtorrent,libtorrent-super" },
    json: { type: "boolean", default: false },
  },
});

if (positionals[0] === "throughput") {
  await throughput({
    sizeBytes: Number(values.size ?? 1024) * 1_048_576,
    rounds: Number(values.rounds),
    formats: values.formats.split(","),
    json: values.json,
  });
} else if (positionals[0] === "crowd") {
  await crowd({
    machines: Number(values.machines),
    sizeMiB: Number(values.size ?? 64),
    uplinkMbit: Number(values.uplink),
    downlinkMbit: Number(values.downlink),
    delayMs: Number(values.delay),
    clients: values.clients.split(","),
    json: values.json,
  });
} else {
  console.error(
    "Which bench?\n" +
      "npm run bench -- throughput [--size MiB] [--rounds N] [--formats v1,v2,hybrid] [--json]\n" +
      "npm run bench -- crowd [--machines N] [--size MiB] [--uplink MBIT] [--downlink MBIT] [--delay MS] " +
      "[--clients upswarm,libtorrent,libtorrent-super] [--json]",
  );
  process.exitCode = 2;
}
