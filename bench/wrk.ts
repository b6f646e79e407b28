// wrk (Debian's package of that name) as a load generator on the second core.

import { output, start, versionOf } from "./processes.ts";
import type { Sample } from "./report.ts";

export function wrkVersion(): string {
  const version = versionOf(["wrk", "--version"], /wrk (?:debian\/)?(\S+)/, "apt-get install wrk");
  if (version === null) throw new Error("This bench needs wrk as its load generator: apt-get install wrk");
  return version;
}

export interface Load {
  readonly url: string;
  readonly connections: number;
  readonly seconds: number;
  readonly headers?: readonly string[];
}

export async function runWrk({ url, connections, seconds, headers = [] }: Load): Promise<Sample> {
  const words = ["-t1", `-c${connections}`, `-d${seconds}`, "--latency", ...headers.flatMap((line) => ["-H", line])];
  const text = await output(start("taskset", ["-c", "1", "wrk", ...words, url]));
  const failed = Number(/Non-2xx or 3xx responses: (\d+)/.exec(text)?.[1] ?? 0);
  if (failed > 0) throw new Error(`${url} answered ${failed} requests with an error.`);
  return {
    perSecond: Number(/Requests\/sec:\s+([\d.]+)/.exec(text)?.[1]),
    p99Ms: milliseconds(/99%\s+(\S+)/.exec(text)?.[1] ?? ""),
  };
}

function milliseconds(text: string): number {
  const factor = text.endsWith("us") ? 1e-3 : text.endsWith("ms") ? 1 : 1e3;
  return Number.parseFloat(text) * factor;
}
