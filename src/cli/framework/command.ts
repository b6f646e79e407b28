// A command is a declarative value. Parsing, --help, shell completion, settings and their provenance all come from
// it, so that none of them can disagree with another.
// An option is written once, in camelCase: `maxUpload` is the flag --max-upload, the variable UPSWARM_MAX_UPLOAD
// and the config file's key "max-upload".

import type { Context } from "../context.ts";
import type { ExitCode } from "../exit-codes.ts";

export interface HostPort {
  readonly host: string;
  readonly port: number;
}

/** What one word of each kind becomes. Sizes are bytes, rates bytes a second, durations milliseconds. */
interface Scalars {
  string: string;
  /** A path of a file or folder: a string that shells complete as such. */
  path: string;
  size: number;
  rate: number;
  duration: number;
  endpoint: HostPort;
  url: string;
  count: number;
}
export type ScalarKind = keyof Scalars;

export interface Option {
  readonly kind: ScalarKind | "flag" | "list" | "choice";
  readonly summary: string;
  /** The kind of a list's items; each `--flag` adds one. */
  readonly of?: ScalarKind;
  readonly choices?: readonly string[];
  /** One letter. */
  readonly short?: string;
  /** What help shows for the value. */
  readonly placeholder?: string;
  /** As it would be written on the command line. */
  readonly default?: string;
  readonly required?: true;
  /** True where UPSWARM_* and the config file may give it too. */
  readonly setting?: true;
  /** The word that means no limit: the value is then Infinity. */
  readonly infinity?: string;
}

export interface Positional {
  readonly summary: string;
  readonly placeholder: string;
  /** What shells complete: files, or these words. */
  readonly complete?: "file" | "folder" | "command" | readonly string[];
  readonly optional?: true;
}

export type Options = Readonly<Record<string, Option>>;
export type Positionals = Readonly<Record<string, Positional>>;

type Given<O extends Option> = O extends { default: string } | { required: true } ? never : null;
export type ValueOf<O extends Option> = O extends { kind: "flag" }
  ? boolean
  : O extends { kind: "list"; of: infer K extends ScalarKind }
    ? readonly Scalars[K][]
    : O extends { kind: "choice"; choices: readonly (infer C)[] }
      ? C | Given<O>
      : O extends { kind: infer K extends ScalarKind }
        ? Scalars[K] | Given<O>
        : never;

/** Any value that an option can have. */
export type Value = string | number | boolean | HostPort | readonly (string | number | HostPort)[] | null;

export interface Input<P extends Positionals, O extends Options> {
  readonly positionals: { readonly [K in keyof P]: P[K] extends { optional: true } ? string | null : string };
  readonly options: { readonly [K in keyof O]: ValueOf<O[K]> };
}

interface Declaration<P extends Positionals, O extends Options> {
  /** One word, or two ("rollout pause"). */
  readonly name: string;
  /** One line, without a full stop. */
  readonly summary: string;
  /** What else a person should know, as paragraphs. */
  readonly description?: readonly string[];
  readonly positionals: P;
  readonly options: O;
  readonly examples: readonly { readonly line: string; readonly does: string }[];
  /** What --json prints: the objects' fields, one text a line. Empty where the command has no JSON. */
  readonly json: readonly string[];
  /** Objects that --json prints where all goes well; 1 unless said. */
  readonly jsonLines?: number;
  run(input: Input<P, O>, context: Context): Promise<ExitCode | void>;
}

/** A command of any shape. Its `run` takes what `parse` made of its own declaration. */
export type Command = Declaration<Positionals, Options>;

/** Ties the types of `run` to the declaration. */
export function defineCommand<const P extends Positionals, const O extends Options>(
  declaration: Declaration<P, O>,
): Command {
  return declaration;
}

/** `maxUpload` → `max-upload` */
export function flagName(key: string): string {
  return key.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}

/** `maxUpload` → `UPSWARM_MAX_UPLOAD` */
export function variableName(key: string): string {
  return `UPSWARM_${flagName(key).replaceAll("-", "_").toUpperCase()}`;
}

/** `127.0.0.1:6881`, `[::]:6881` */
export function showHostPort({ host, port }: HostPort): string {
  return host.includes(":") ? `[${host}]:${port}` : `${host}:${port}`;
}

/** What help shows for an option's value; null for a flag. */
export function placeholderOf(option: Option): string | null {
  if (option.kind === "flag") return null;
  if (option.choices !== undefined) return option.choices.join("|");
  const kind = option.kind === "list" ? (option.of ?? "string") : option.kind;
  const words = { string: "TEXT", path: "PATH", size: "SIZE", rate: "RATE", duration: "DURATION", url: "URL" };
  const shown = option.placeholder ?? { ...words, endpoint: "HOST:PORT", count: "N", choice: "WORD" }[kind];
  return [shown, ...(option.infinity === undefined ? [] : [option.infinity])].join("|");
}
