// The passphrase of keys that are kept encrypted: from a file, the variable UPSWARM_PASSPHRASE, or the terminal; never from
// an option, which every user of the machine could read.

import { open } from "node:fs/promises";
import { PASSPHRASE_BYTES_MAX, PASSPHRASE_CHARACTERS_MIN } from "../core/index.ts";
import { CliError, fileError } from "./cli-error.ts";
import type { Context } from "./context.ts";
import { UsageError } from "./framework/usage-error.ts";

export const passphraseOption = {
  passphraseFile: {
    kind: "path",
    placeholder: "FILE",
    setting: true,
    summary: "Read the passphrase of the keys from the first line of this file",
  },
} as const;

/** No setting: `upswarm config` must not show it, and no config file holds it. */
export const PASSPHRASE_VARIABLE = "UPSWARM_PASSPHRASE";

/** @throws UsageError usage.passphrase where there is none; CliError where the file cannot be read */
export async function readPassphrase(file: string | null, question: string, context: Context): Promise<string> {
  const given = file === null ? context.sources.env[PASSPHRASE_VARIABLE] : await firstLine(file);
  const passphrase = given ?? (await context.askSecret(`${question}: `));
  if (passphrase === null || passphrase === "") {
    throw new UsageError(
      "usage.passphrase",
      `A passphrase is needed: type it at a terminal, or give --passphrase-file FILE or ${PASSPHRASE_VARIABLE}.`,
    );
  }
  return passphrase;
}

/** For keys that are about to be made: long enough, and typed twice. @throws UsageError, CliError */
export async function readNewPassphrase(file: string | null, context: Context): Promise<string> {
  const passphrase = await readPassphrase(file, "Passphrase for the new keys", context);
  if (passphrase.length < PASSPHRASE_CHARACTERS_MIN) {
    throw new UsageError("usage.passphrase", `A passphrase has at least ${PASSPHRASE_CHARACTERS_MIN} characters.`);
  }
  const isTyped = file === null && context.sources.env[PASSPHRASE_VARIABLE] === undefined;
  if (isTyped && (await context.askSecret("The same again: ")) !== passphrase) {
    throw new UsageError("usage.passphrase", "The two passphrases differ. Nothing was made.");
  }
  return passphrase;
}

async function firstLine(path: string): Promise<string> {
  try {
    await using file = await open(path);
    const { size } = await file.stat();
    if (size > PASSPHRASE_BYTES_MAX) throw new CliError("cli.read", `${path} is too long for a passphrase.`);
    return (await file.readFile("utf8")).split(/\r?\n/)[0] ?? "";
  } catch (error) {
    throw error instanceof CliError ? error : fileError(error, path, "read");
  }
}
