// The public log as a folder that can be published anywhere: index.html for people, log.json with every entry, head.json with
// the head alone. Who keeps an old head can tell later whether the log was rewritten: `upswarm notice verify-log --head`.

import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { OriginConfig } from "../origin-parts.ts";
import type { ChainCheck, ChainEntry, ChainHead } from "./chain.ts";
import { exportedLog } from "./pages/log-page.ts";

/** What the desk tells of the log. */
export interface PublicLog {
  verifyLog(): Promise<ChainCheck>;
  logHead(): Promise<ChainHead>;
  logEntries(from: number, countMax: number): Promise<readonly ChainEntry[]>;
}

export async function exportLog(desk: PublicLog, config: OriginConfig, folder: string): Promise<ChainHead> {
  const check = await desk.verifyLog();
  const head = await desk.logHead();
  const entries: ChainEntry[] = [];
  for (let from = 1; from <= head.sequence;) {
    const more = await desk.logEntries(from, Math.min(1000, head.sequence - from + 1));
    entries.push(...more);
    from = (more.at(-1)?.sequence ?? head.sequence) + 1;
  }
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, "index.html"), exportedLog(config, { entries, head, check }));
  await writeFile(join(folder, "log.json"), `${JSON.stringify({ head, entries }, null, 1)}\n`);
  await writeFile(join(folder, "head.json"), `${JSON.stringify(head)}\n`);
  return head;
}
