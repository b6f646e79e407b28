// `upswarm init`: a folder that is an origin, with its keys and its empty, signed repository.

import type { Context } from "../context.ts";
import { defineCommand, type Command } from "../framework/command.ts";
import { dataOption, newConfigOf, newOriginOptions } from "../origin-options.ts";
import { passphraseOption, readNewPassphrase } from "../passphrase.ts";

export const initCommand: Command = defineCommand({
  name: "init",
  summary: "make an origin: its folder, its keys, an empty signed repository",
  description: [
    "The keys that sign releases (root, targets) are encrypted with a passphrase and lie in DIR/offline-keys: move them to " +
      "another machine and keep copies. The key in DIR/keys stays with the origin; it can withdraw, and never publish.",
    "DIR/origin.json says what the site is called, where the world reaches it and who receives notices; edit it.",
  ],
  positionals: {},
  options: { ...dataOption, ...newOriginOptions, ...passphraseOption },
  examples: [
    { line: "upswarm init --data /srv/updates --url https://updates.example", does: "on the publisher's server" },
    { line: "upswarm init", does: "in ./upswarm-origin, to try it on this machine" },
  ],
  json: ["data, publicUrl, rootFingerprint (SHA-256 of the first root: what clients pin)"],
  async run({ options }, context) {
    const config = newConfigOf(options);
    const passphrase = await readNewPassphrase(options.passphraseFile, context);
    const { createOrigin } = await import("../../origin/index.ts");
    const { folder, rootFingerprint } = await createOrigin({
      path: options.data,
      config,
      passphrase,
      clock: context.clock,
    });
    context.print(
      { data: folder.root, publicUrl: config.publicUrl, rootFingerprint },
      madeText(folder.root, rootFingerprint),
    );
    warnOfKeys(folder.offlineKeys, context);
  },
});

function madeText(root: string, fingerprint: string): string {
  return `${root} is an origin now.\nIts root: ${fingerprint}`;
}

export function warnOfKeys(offlineKeys: string, context: Context): void {
  context.note(`The keys in ${offlineKeys} sign your releases: copy them to another machine, then remove them here.`);
}
