// What works with whom, as the tests found it: docs/reference/interoperation.md. Written where UPSWARM_WRITE_TABLE=1 says so.

import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { clientKinds } from "../processes/clients/catalogue.ts";
import type { ClientName } from "../processes/clients/catalogue.ts";
import { installed } from "../processes/clients/installed.ts";

const path = join(import.meta.dirname, "..", "..", "docs", "reference", "interoperation.md");

type Outcome = "yes" | "failed" | "not tried" | `no: ${string}`;

export function isTableAsked(): boolean {
  return process.env["UPSWARM_WRITE_TABLE"] === "1";
}

export class Table {
  readonly #rows = new Map<string, Map<ClientName, Outcome>>();

  set(row: string, client: ClientName, outcome: Outcome): void {
    const cells = this.#rows.get(row) ?? new Map<ClientName, Outcome>();
    this.#rows.set(row, cells.set(client, outcome));
  }

  write(): void {
    writeFileSync(path, this.#text());
  }

  #text(): string {
    const notes: string[] = [];
    const shown = (outcome: Outcome | undefined): string => {
      if (outcome === undefined || !outcome.startsWith("no: ")) return outcome ?? "–";
      const reason = outcome.slice(4);
      if (!notes.includes(reason)) notes.push(reason);
      return `no (${notes.indexOf(reason) + 1})`;
    };
    const names = clientKinds.map(({ name }) => name);
    const rows = [
      ["", ...names.map((name) => `${name} ${installed[name] ?? ""}`.trim())],
      names.map(() => "---").concat("---"),
      ["torrent that it is given", ...clientKinds.map(({ takes }) => (takes === "twin" ? "v1 twin" : "hybrid"))],
      ...[...this.#rows].map(([row, cells]) => [row, ...names.map((name) => shown(cells.get(name)))]),
    ];
    const lines = rows.map((cells) => `| ${cells.join(" | ")} |`);
    const numbered = notes.map((note, index) => `${index + 1}. ${note[0]?.toUpperCase()}${note.slice(1)}.`);
    const remarks = clientKinds.flatMap(({ name, remark }) => (remark === undefined ? [] : [`- ${name}: ${remark}.`]));
    return `${[intro, lines.join("\n"), numbered.join("\n"), remarks.join("\n"), outro].filter((part) => part !== "").join("\n\n")}\n`;
  }
}

const intro = `# What works with whom

Written by \`UPSWARM_WRITE_TABLE=1 npm run test:interop\` from what its tests found, with the versions that were there.
In each row one of the two ends has everything and the other nothing, each is on a host of its own, and the way named is
all that they know of each other. The tracker is ours. "yes" means that the bytes were compared.`;

const outro = `A hybrid release has a v1 twin for clients that cannot read hybrid torrents; both are one swarm. Further tests of the same
run: all of these clients and ours in one swarm, some by the hybrid torrent and some by the twin; private torrents, on the
wire; libtorrent with v1, v2 and hybrid torrents of files and folders, and magnet links; our client with opentracker and
bittorrent-tracker.`;
