// From argv to a command and the words of its options and positionals. node:util's parseArgs cuts argv into tokens;
// the table of declarations says what each token may be. Strict: what is not declared is an error with a suggestion.

import { parseArgs } from "node:util";
import { flagName, placeholderOf, type Command, type Options } from "./command.ts";
import { suggestion, UsageError } from "./usage-error.ts";

export interface ParsedLine {
  /** Words by option key. */
  readonly flags: ReadonlyMap<string, readonly string[]>;
  readonly positionals: readonly string[];
}

/** The command that argv names, and the rest of argv. Null where it names none. @throws UsageError for an unknown one. */
export function findCommand(
  argv: readonly string[],
  commands: readonly Command[],
  common: Options,
): { readonly command: Command; readonly rest: readonly string[] } | null {
  const tokens = tokensOf(argv, common);
  const [first, second] = tokens.filter((token) => token.kind === "positional");
  const keys = keysByFlag(common);
  for (const token of tokens) {
    if (token.kind !== "option" || (first !== undefined && token.index > first.index)) continue;
    if (!keys.has(token.name)) throw unknownOption(token.rawName, keys.keys(), " before a command's name");
  }
  if (first === undefined) return null;
  const found =
    commands.find((command) => second !== undefined && command.name === `${first.value} ${second.value}`) ??
    commands.find((command) => command.name === first.value);
  if (found === undefined) throw unknownCommand(first.value, commands);
  const used = found.name.includes(" ") ? [first.index, second?.index] : [first.index];
  return { command: found, rest: argv.filter((_, index) => !used.includes(index)) };
}

export function unknownCommand(name: string, commands: readonly Command[]): UsageError {
  const below = commands.filter((command) => command.name.startsWith(`${name} `)).map((command) => command.name);
  if (below.length > 0) return new UsageError("usage.command", `"${name}" is one of: ${below.join(", ")}.`);
  const near = suggestion(
    name,
    commands.map((command) => command.name),
    "upswarm ",
  );
  return new UsageError("usage.command", `There is no command "${name}".${near}`);
}

/** @throws UsageError for an unknown option, a missing or unasked value, and too few or too many positionals. */
export function parseLine(argv: readonly string[], command: Command, common: Options): ParsedLine {
  const options = { ...common, ...command.options };
  const keys = keysByFlag(options);
  const flags = new Map<string, string[]>();
  const positionals: string[] = [];
  for (const token of tokensOf(argv, options)) {
    if (token.kind === "positional") positionals.push(token.value);
    if (token.kind !== "option") continue;
    const key = keys.get(token.name);
    const option = key === undefined ? undefined : options[key];
    if (key === undefined || option === undefined) throw unknownOption(token.rawName, keys.keys());
    const word = option.kind === "flag" ? flagWord(token) : valueWord(token, placeholderOf(option));
    flags.set(key, [...(flags.get(key) ?? []), word]);
  }
  return { flags, positionals };
}

/** What is missing or too much; asked after --help had its chance. @throws UsageError */
export function checkComplete(command: Command, { flags, positionals }: ParsedLine): void {
  const declared = Object.values(command.positionals);
  const missing = declared.slice(positionals.length).filter((positional) => positional.optional !== true);
  if (missing[0] !== undefined) {
    throw new UsageError("usage.argument", `${missing[0].placeholder} is missing: ${missing[0].summary}.`);
  }
  const extra = positionals[declared.length];
  if (extra !== undefined) {
    throw new UsageError("usage.argument", `"${extra}" is one argument too many: ${expectation(command)}.`);
  }
  for (const [key, option] of Object.entries(command.options)) {
    if (option.required !== true || flags.has(key)) continue;
    const short = option.short === undefined ? "" : `-${option.short}, `;
    const name = `${short}--${flagName(key)} ${placeholderOf(option)}`;
    throw new UsageError("usage.option", `${name} is missing: ${option.summary}.`);
  }
}

function expectation(command: Command): string {
  const names = Object.values(command.positionals).map((positional) => positional.placeholder);
  return names.length === 0 ? `${command.name} takes none` : `${command.name} takes ${names.join(" ")}`;
}

type Token = ReturnType<typeof tokensOf>[number];
type OptionToken = Extract<Token, { kind: "option" }>;

function tokensOf(argv: readonly string[], options: Options) {
  const config = Object.entries(options).map(([key, option]) => {
    const type = option.kind === "flag" ? ("boolean" as const) : ("string" as const);
    return [flagName(key), { type, multiple: true, ...(option.short === undefined ? {} : { short: option.short }) }];
  });
  return parseArgs({
    args: [...argv],
    options: Object.fromEntries(config) as Record<string, { type: "boolean" | "string" }>,
    strict: false,
    allowPositionals: true,
    tokens: true,
  }).tokens;
}

function keysByFlag(options: Options): Map<string, string> {
  return new Map(Object.keys(options).map((key) => [flagName(key), key]));
}

function unknownOption(rawName: string, names: Iterable<string>, where = ""): UsageError {
  const near = rawName.startsWith("--") ? suggestion(rawName.slice(2), names, "--") : "";
  return new UsageError("usage.option", `There is no option ${rawName}${where}.${near}`);
}

function flagWord(token: OptionToken): string {
  if (token.value === undefined) return "true";
  throw new UsageError("usage.option", `${token.rawName} takes no value.`);
}

function valueWord(token: OptionToken, placeholder: string | null): string {
  if (token.value === undefined)
    throw new UsageError("usage.option", `${token.rawName} needs a value: ${placeholder}.`);
  // `-o --json` is a forgotten value far more often than a file called --json.
  if (!token.inlineValue && token.value.length > 1 && token.value.startsWith("-")) {
    const inline = token.rawName.startsWith("--") ? `${token.rawName}=` : token.rawName;
    const hint = `write ${inline}${token.value} if that is meant`;
    throw new UsageError("usage.option", `${token.rawName} needs a value: ${placeholder} (${hint}).`);
  }
  return token.value;
}
