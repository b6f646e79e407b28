// The house rules for any text of the repository, code and documents: lines that speak of something that is not here.

import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { root } from "./source-file.ts";

interface TextRule {
  readonly pattern: RegExp;
  readonly why: string;
}

const rules: readonly TextRule[] = [
  { pattern: /\b(?:TODO|FIXME|XXX|HACK)\b/, why: "is an unfinished note: do it, or record it" },
  { pattern: /chunk/i, why: "says a word that means nothing here: it is a piece or a block" },
  { pattern: /(?<![\w.~:-])\/(?:home|Users|root|work)\/[\w.]/, why: "names a path of somebody's machine" },
  { pattern: /\b(?:eslint|biome|prettier)-(?:disable|ignore)/, why: "speaks to a tool that is not used" },
  { pattern: /@ts-(?:ignore|nocheck)/, why: "silences the compiler" },
  {
    pattern: /oxlint-disable(?!.* -- \S)|@ts-expect-error(?!\s+\S)/,
    why: "silences a rule without a reason (` -- why`)",
  },
  { pattern: /\s$/, why: "ends with white space" },
];

export function textOf(path: string, text: string): readonly string[] {
  return text
    .replace(/\n$/, "")
    .split("\n")
    .flatMap((line, index) =>
      rules
        .filter(({ pattern }) => pattern.test(line))
        .map(({ why }) => `${path}:${index + 1} ${why}: ${line.trim().slice(0, 80)}`),
    );
}

/** Documents that a comment or a document refers to and that do not exist: "see X.md", links, decisions by number. */
export function danglingOf(path: string, text: string): readonly string[] {
  const targets: string[] = [];
  if (path.endsWith(".md")) {
    for (const [, target = ""] of text.matchAll(/\]\(([^)#\s]+)(?:#[^)\s]*)?\)/g)) {
      if (!/^[a-z]+:/.test(target)) targets.push(join(dirname(path), target));
    }
  }
  for (const [, name = ""] of text.matchAll(/(?<![\w/.-])([A-Z]{5,}\.md)\b/g)) targets.push(name);
  for (const [, name = ""] of text.matchAll(/^\s*(?:\/\/|\/?\*).*\(([A-Z]{6,}), ["a-z]/gm)) targets.push(`${name}.md`);
  for (const [target] of text.matchAll(/\bdocs\/decisions\/\d{4}[\w-]*\.md/g)) targets.push(target);
  return targets
    .filter((target) => !existsSync(join(root, target)))
    .map((target) => `${path} refers to ${target}: not here`);
}
