// Where an option's value comes from: the flag, else UPSWARM_*, else the config files, else the default.
// Invariant: a value never travels without its source, and only the source that wins is parsed: a flag gets a person
// past a bad line in a config file.

import { flagName, variableName, type Option, type Options, type Value } from "./command.ts";
import type { ConfigFile } from "./config-file.ts";
import { parseValue } from "./values.ts";

export type Source = "flag" | "variable" | "file" | "default";

export interface Resolved {
  readonly value: Value;
  /** As it was written; null for a default that does not exist. */
  readonly text: string | null;
  readonly source: Source;
  /** `--max-upload`, `UPSWARM_MAX_UPLOAD`, the config file's path, or null for a default. */
  readonly from: string | null;
}

export interface Sources {
  /** Words by option key, as the command line gave them. */
  readonly flags: ReadonlyMap<string, readonly string[]>;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Strongest first. */
  readonly files: readonly ConfigFile[];
}

/** The settings among the options of several commands, by key: what a config file may hold. */
export function settingsOf(several: readonly Options[]): Options {
  const entries = several.flatMap((options) => Object.entries(options));
  return Object.fromEntries(entries.filter(([, option]) => option.setting === true));
}

/** @throws UsageError */
export function resolveOptions(options: Options, sources: Sources): ReadonlyMap<string, Resolved> {
  return new Map(Object.entries(options).map(([key, option]) => [key, resolve(key, option, sources)]));
}

function resolve(key: string, option: Option, sources: Sources): Resolved {
  const flag = sources.flags.get(key);
  if (flag !== undefined) return resolved(option, flag, "flag", `--${flagName(key)}`);
  if (option.setting === true) {
    const variable = sources.env[variableName(key)];
    if (variable !== undefined && variable !== "") {
      const words = option.kind === "list" ? variable.split(/\s+/).filter((word) => word !== "") : [variable];
      return resolved(option, words, "variable", variableName(key));
    }
    for (const file of sources.files) {
      const words = file.settings.get(flagName(key));
      if (words !== undefined) return resolved(option, words, "file", file.path, `"${flagName(key)}" in ${file.path}`);
    }
  }
  return resolved(option, [], "default", null);
}

function resolved(
  option: Option,
  words: readonly string[],
  source: Source,
  from: string | null,
  what: string = from ?? "default",
): Resolved {
  const text = words.length > 0 ? words.join(" ") : (option.default ?? (option.kind === "flag" ? "false" : null));
  return { value: parseValue(option, words, what), text, source, from };
}
