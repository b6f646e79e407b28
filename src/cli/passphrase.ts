// The passphrase of an encrypted key: from a file, from UPSWARM_PASSPHRASE, or typed on a terminal. The variable is no
// setting, so that `upswarm config` never shows it and no config file holds it.

import { open } from "node:fs/promises";
import { PASSPHRASE_BYTES_MAX } from "../core/index.ts";
import { CliError, fileError } from "./cli-error.ts";
import type { Context } from "./context.ts";
import { UsageError } from "./framework/usage-error.ts";

export const PASSPHRASE_VARIABLE = "UPSWARM_PASSPHRASE";

export const passphraseOptions = {
  passphraseFile: {
    kind: "path",
    placeholder: "FILE",
    setting: true,
    summary: "Take the passphrase of keys from this file's first line; else UPSWARM_PASSPHRASE; else it is asked",
  },
} as const;

export interface Passphrases {
  /** Of a key that exists. @throws UsageError where nobody can be asked; CliError */
  of(keyPath: string): Promise<string>;
  /** For a key that is made: typed twice where it is typed. @throws UsageError, CliError */
  choose(keyPath: string): Promise<string>;
}

export function passphrases(options: { readonly passphraseFile: string | null }, context: Context): Passphrases {
  const given = async (): Promise<string | null> => {
    if (options.passphraseFile !== null) return await readFirstLine(options.passphraseFile);
    return context.sources.env[PASSPHRASE_VARIABLE] || null;
  };
  const ask = async (question: string): Promise<string> => {
    if (context.askSecret !== null) return await context.askSecret(question);
    const ways = `give --passphrase-file, set ${PASSPHRASE_VARIABLE}, or run it on a terminal`;
    throw new UsageError("usage.value", `A passphrase is needed: ${ways}.`);
  };
  return {
    of: async (keyPath) => (await given()) ?? (await ask(`Passphrase of ${keyPath}: `)),
    choose: async (keyPath) => {
      const known = await given();
      if (known !== null) return known;
      const chosen = await ask(`New passphrase for ${keyPath}: `);
      if (chosen === "") throw new UsageError("usage.value", "The passphrase is empty.");
      if ((await ask("The same once more: ")) === chosen) return chosen;
      throw new UsageError("usage.value", "The two passphrases differ.");
    },
  };
}

async function readFirstLine(path: string): Promise<string> {
  try {
    await using file = await open(path);
    const { size } = await file.stat();
    if (size > PASSPHRASE_BYTES_MAX) throw new CliError("cli.read", `${path} is too long for a passphrase.`);
    const line = (await file.readFile("utf8")).split(/\r?\n/, 1)[0] ?? "";
    if (line === "") throw new CliError("cli.read", `The first line of ${path} is empty: no passphrase.`);
    return line;
  } catch (error) {
    throw error instanceof CliError ? error : fileError(error, path, "read");
  }
}
