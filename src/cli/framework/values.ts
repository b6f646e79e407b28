// From a word to an option's value: the same for flags, variables and the config file.

import { messageOf, parseHostPort } from "../../core/index.ts";
import type { Option, ScalarKind, Value } from "./command.ts";
import { parseDuration, parseRate, parseSize } from "./units.ts";
import { suggestion, UsageError } from "./usage-error.ts";

/** One value from its words: none gives the default, a list takes them all, anything else the last. @throws UsageError */
export function parseValue(option: Option, words: readonly string[], what: string): Value {
  if (option.kind === "list") return words.map((word) => scalar(option, option.of ?? "string", word, what));
  const word = words.at(-1) ?? option.default;
  if (option.kind === "flag") return word === undefined ? false : flag(word, what);
  if (word === undefined) return null;
  if (option.kind === "choice") return choice(option.choices ?? [], word, what);
  return scalar(option, option.kind, word, what);
}

function flag(word: string, what: string): boolean {
  if (["true", "1", "yes", "on"].includes(word)) return true;
  if (["false", "0", "no", "off"].includes(word)) return false;
  throw new UsageError("usage.value", `${what}: "${word}" is neither true nor false.`);
}

function choice(choices: readonly string[], word: string, what: string): string {
  if (choices.includes(word)) return word;
  throw new UsageError(
    "usage.value",
    `${what}: "${word}" is none of ${choices.join(", ")}.${suggestion(word, choices)}`,
  );
}

function scalar(option: Option, kind: ScalarKind, word: string, what: string): string | number | HostPortValue {
  if (word === option.infinity) return Infinity;
  try {
    return parsers[kind](word);
  } catch (error) {
    const also = option.infinity === undefined ? "" : ` The word ${option.infinity} means no limit.`;
    throw new UsageError("usage.value", `${what}: ${messageOf(error)}${also}`, { cause: error });
  }
}

type HostPortValue = ReturnType<typeof parseHostPort>;

const parsers: { readonly [K in ScalarKind]: (word: string) => string | number | HostPortValue } = {
  string: nonEmpty,
  path: nonEmpty,
  size: parseSize,
  rate: parseRate,
  duration: parseDuration,
  endpoint: parseHostPort,
  url: parseUrl,
  count: parseCount,
};

function nonEmpty(word: string): string {
  if (word === "") throw new UsageError("usage.value", "The value is empty.");
  return word;
}

function parseUrl(word: string): string {
  if (!URL.canParse(word) || !/^(?:https?|udp):$/.test(new URL(word).protocol)) {
    throw new UsageError("usage.value", `"${word}" is not a URL that begins with http://, https:// or udp://.`);
  }
  return word;
}

function parseCount(word: string): number {
  const count = Number(word);
  if (!/^\d{1,15}$/.test(word)) throw new UsageError("usage.value", `"${word}" is not a whole number.`);
  return count;
}
