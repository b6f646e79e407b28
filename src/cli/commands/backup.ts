// `upswarm backup create|restore`: a whole copy of an origin, made while it serves, and an origin from it.

import { resolve } from "node:path";
import { defineCommand, type Command } from "../framework/command.ts";
import { dataOption } from "../origin-options.ts";

export const backupCreateCommand: Command = defineCommand({
  name: "backup create",
  summary: "copy an origin, whole and consistent, while it serves",
  description: [
    "Where TARGET is on the same disk payloads are linked and take no room. TARGET holds the origin's online key: keep it as " +
      "safe as the origin. The offline keys are left out unless asked for.",
  ],
  positionals: {
    target: { placeholder: "TARGET", summary: "A folder that is empty or not there", complete: "folder" },
  },
  options: {
    ...dataOption,
    offlineKeys: { kind: "flag", summary: "Copy DIR/offline-keys too, encrypted as they are" },
    copy: { kind: "flag", summary: "Copy payloads also where they could be linked" },
  },
  examples: [{ line: "upswarm backup create /backup/2026-11-25 --data /srv/updates", does: "every night" }],
  json: ["target, releaseCount, missing [{product, version}] (releases whose payload was not there)"],
  async run({ positionals: { target }, options }, context) {
    const { backUp } = await import("../../origin/index.ts");
    const { clock, signal } = context;
    const { releaseCount, missing } = await backUp(options.data, target, {
      offlineKeys: options.offlineKeys,
      payloads: options.copy ? "copy" : "link",
      clock,
      signal,
    });
    for (const { product, version } of missing) context.note(`The payload of ${product} ${version} is not there.`);
    context.print(
      { target: resolve(target), releaseCount, missing },
      `Backed up ${releaseCount} releases to ${target}.`,
    );
  },
});

export const backupRestoreCommand: Command = defineCommand({
  name: "backup restore",
  summary: "make an origin from a backup",
  positionals: { source: { placeholder: "SOURCE", summary: "A folder that backup create made", complete: "folder" } },
  options: dataOption,
  examples: [
    { line: "upswarm backup restore /backup/2026-11-25 --data /srv/updates", does: "into a folder that is not there" },
  ],
  json: ["data, releaseCount, missing"],
  async run({ positionals: { source }, options }, context) {
    const { restoreBackup } = await import("../../origin/index.ts");
    const { releaseCount, missing } = await restoreBackup(source, options.data, { signal: context.signal });
    const text = `${options.data} is an origin with ${releaseCount} releases.`;
    context.print({ data: resolve(options.data), releaseCount, missing }, text);
  },
});
