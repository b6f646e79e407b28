// The config file: one JSON object whose keys are option names ("max-upload": "20mbit"), read from
// $XDG_CONFIG_HOME/upswarm/config.json and /etc/upswarm/config.json, or from where --config points instead.
// JSON, since every language and every configuration management tool writes it without a library.

import { readFileSync, statSync } from "node:fs";
import { isAbsolute, join } from "node:path";
import { CONFIG_FILE_BYTES_MAX, messageOf } from "../../core/index.ts";
import { flagName, type Option, type Options } from "./command.ts";
import { suggestion, UsageError } from "./usage-error.ts";

export interface ConfigFile {
  readonly path: string;
  /** Words by option name ("max-upload"). */
  readonly settings: ReadonlyMap<string, readonly string[]>;
}

/** Where the files are looked for, the strongest first. */
export function configPaths(env: Readonly<Record<string, string | undefined>>): string[] {
  const xdg = env["XDG_CONFIG_HOME"];
  const home = env["HOME"] ?? env["USERPROFILE"];
  const base = xdg !== undefined && isAbsolute(xdg) ? xdg : home && join(home, ".config");
  const user = base ? [join(base, "upswarm", "config.json")] : [];
  return [...user, "/etc/upswarm/config.json"];
}

/**
 * The files that exist. `named` (from --config) must exist and is then the only one.
 * @throws UsageError for a file that cannot be read, is no JSON object, or has a key that no command knows.
 */
export function readConfigFiles(
  named: string | null,
  env: Readonly<Record<string, string | undefined>>,
  known: Options,
): ConfigFile[] {
  const paths = named === null ? configPaths(env) : [named];
  return paths.flatMap((path) => {
    const text = readText(path, named !== null);
    return text === null ? [] : [parseConfigFile(path, text, known)];
  });
}

function readText(path: string, mustExist: boolean): string | null {
  try {
    const { size } = statSync(path);
    if (size > CONFIG_FILE_BYTES_MAX) throw configError(path, `it has ${size} bytes; is it really a config file?`);
    return readFileSync(path, "utf8");
  } catch (error) {
    if (error instanceof UsageError) throw error;
    const code = (error as NodeJS.ErrnoException).code;
    if (!mustExist && (code === "ENOENT" || code === "ENOTDIR")) return null;
    throw new UsageError("usage.config", `The config file cannot be read: ${messageOf(error)}.`, { cause: error });
  }
}

/** @throws UsageError */
export function parseConfigFile(path: string, text: string, known: Options): ConfigFile {
  let content: unknown;
  try {
    content = JSON.parse(text);
  } catch (error) {
    throw configError(path, `it is not JSON: ${messageOf(error)}.`);
  }
  if (typeof content !== "object" || content === null || Array.isArray(content)) {
    throw configError(path, `it must hold one JSON object, like {"max-upload": "20mbit"}.`);
  }
  const options = new Map(Object.entries(known).map(([key, option]) => [flagName(key), option]));
  const settings = new Map<string, readonly string[]>();
  for (const [name, value] of Object.entries(content)) {
    const option = options.get(name);
    if (option === undefined)
      throw configError(path, `there is no setting "${name}".${suggestion(name, options.keys())}`);
    settings.set(name, wordsOf(path, name, option, value));
  }
  return { path, settings };
}

function wordsOf(path: string, name: string, option: Option, value: unknown): readonly string[] {
  const items = option.kind === "list" && Array.isArray(value) ? (value as unknown[]) : [value];
  return items.map((item) => {
    const fits =
      option.kind === "flag"
        ? typeof item === "boolean"
        : typeof item === "string" || (option.kind === "count" && typeof item === "number");
    if (!fits) throw configError(path, `"${name}" must be ${expected(option)}.`);
    return String(item);
  });
}

function expected(option: Option): string {
  if (option.kind === "flag") return "true or false";
  if (option.kind === "count") return "a number";
  return option.kind === "list" ? "a list of texts in quotes" : "a text in quotes";
}

function configError(path: string, reason: string): UsageError {
  return new UsageError("usage.config", `Config file ${path}: ${reason}`);
}
