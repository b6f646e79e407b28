// `npm run bench -- pages`: pages a second of an origin on one core beside a bare Fastify that sends the same page, and
// while thousands of other connections are idle or trickle a head (slowloris).

import { join } from "node:path";
import { IdleConnections } from "./idle-connections.ts";
import type { Bench } from "./main.ts";
import { cpuSecondsOf, end, firstLine, start } from "./processes.ts";
import { alternate, OURS } from "./report.ts";
import type { Contender, Sample } from "./report.ts";
import { runWrk, wrkVersion } from "./wrk.ts";

const CONNECTIONS = 32;
const BARE = "bare Fastify";

interface Case {
  readonly name: string;
  readonly idle: number;
}

export const pages: Bench = {
  usage: "[--seconds N] [--rounds N] [--idle N]",
  options: {
    seconds: { type: "string", default: "10" },
    rounds: { type: "string", default: "3" },
    idle: { type: "string", default: "10000" },
  },
  run: async (values) => {
    const version = wrkVersion();
    const seconds = Number(values["seconds"]);
    const idle = Number(values["idle"]);
    const many = idle.toLocaleString("en");
    const cases: Case[] = [
      { name: "a page", idle: 0 },
      { name: `a page, beside ${many} idle and trickling connections`, idle },
    ];
    const contender = (client: string, mode: string): Contender<Case> => ({
      client,
      runs: ({ idle: others }) => client === OURS || others === 0,
      run: (one) => measure(mode, one, seconds),
    });
    const contenders = [contender(OURS, "pages"), contender(BARE, "bare")];
    return {
      bench: "pages",
      question: `Pages a second of one process on one core, asked for by wrk over ${CONNECTIONS} kept connections on the other, ${seconds} s each, alternating; median (lowest–highest).`,
      metrics: [
        { key: "perSecond", label: "pages a second", digits: 0 },
        { key: "p99Ms", label: "p99, ms", digits: 1 },
        { key: "busyPercent", label: "server busy %", digits: 0 },
        { key: "open", label: "other connections open", digits: 0 },
        { key: "reopened", label: "cut and opened again", digits: 0 },
      ],
      compare: { metric: "perSecond", better: "higher" },
      rows: await alternate(cases, contenders, Number(values["rounds"])),
      versions: { wrk: version },
      notes: [
        "Ours sends security headers and a request's id, counts the client's rate and the metrics. The bare one is Fastify as it comes, with one route that sends the same text.",
        "Half of the idle connections send nothing and half a byte of a head every 5 s; the server cuts both kinds after 10 s, and they come again.",
      ],
    };
  },
};

async function measure(mode: string, { idle }: Case, seconds: number): Promise<Sample> {
  const script = join(import.meta.dirname, "origin-server.ts");
  const server = start("taskset", ["-c", "0", process.execPath, script, mode]);
  try {
    const port = Number(await firstLine(server));
    const url = `http://127.0.0.1:${port}/tool/1.0`;
    await using others = new IdleConnections(port);
    await others.open(idle);
    await runWrk({ url, connections: CONNECTIONS, seconds: 1 });
    const before = cpuSecondsOf(server.pid ?? 0);
    const sample = await runWrk({ url, connections: CONNECTIONS, seconds });
    const busyPercent = (100 * (cpuSecondsOf(server.pid ?? 0) - before)) / seconds;
    return { ...sample, busyPercent, ...(idle === 0 ? {} : { open: others.openCount, reopened: others.reopened }) };
  } finally {
    await end(server);
  }
}
