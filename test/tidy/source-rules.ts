// The house rules for a source file (CONTRIBUTING.md), each as a function from a file to sentences about what breaks it.
// What oxlint can say (no `any`, no floating promises) is oxlint's; here is what it has no rule for.

import { basename } from "node:path";
import { isNode, lineOf, visit, type AstNode, type SourceFile, type Visit } from "./source-file.ts";

export const FILE_LINES_MAX = 300;
export const FILE_LINES_HARD_MAX = 500;
export const FUNCTION_LINES_MAX = 60;

export interface LongFunction {
  readonly name: string;
  readonly lines: number;
}

/** Functions above the cap. A call of a test, whose body is a list of steps, counts like any other. */
export function longFunctionsOf(source: SourceFile): readonly LongFunction[] {
  const long: LongFunction[] = [];
  for (const { node, parent } of visit(source.program)) {
    if (!/^(?:FunctionDeclaration|FunctionExpression|ArrowFunctionExpression)$/.test(node.type)) continue;
    const first = lineOf(source, node.start);
    const lines = lineOf(source, node.end) - first + 1;
    if (lines > FUNCTION_LINES_MAX) long.push({ name: functionName(node, parent) ?? `line ${first}`, lines });
  }
  return long;
}

function functionName(node: AstNode, parent: AstNode | null): string | null {
  for (const holder of [node["id"], parent?.["key"], parent?.["id"]]) {
    if (isNode(holder) && typeof holder["name"] === "string") return holder["name"];
  }
  return null;
}

/** A source file says at once what it is; a test file's names do that. */
export function openingOf(source: SourceFile): readonly string[] {
  const opens = /^(?:#!.*\n)?(?:\/\/ \S|\/\*\*?\s)/.test(source.text);
  return opens || source.path.endsWith(".test.ts") ? [] : [`${source.path} does not open with what it is`];
}

const vagueNames = /^(?:common|misc)$|(?:^|[-.])(?:utils?|helpers?|managers?)$/;

export function fileNameOf(path: string): readonly string[] {
  const name = basename(path).replace(/(?:\.test)?\.[a-z]+$/, "");
  const found: string[] = [];
  if (vagueNames.test(name)) found.push(`${path} is not named by the noun that it holds`);
  if (!/^[a-z0-9]+(?:[-.][a-z0-9]+)*$/.test(name)) found.push(`${path} is not in lower case with dashes`);
  return found;
}

/** A piece is a piece and a block a block. Node's own words (the parameters of its callbacks) can be named otherwise. */
const vagueWords = /chunk|manager/i;

/** What only a look at the names and the syntax can tell. */
export function syntaxOf(source: SourceFile): readonly string[] {
  const found: string[] = [];
  for (const visited of visit(source.program)) {
    const why = whyNot(visited, source);
    if (why !== null) found.push(`${source.path}:${lineOf(source, visited.node.start)} ${why}`);
  }
  return found;
}

function whyNot({ node, parent, field }: Visit, source: SourceFile): string | null {
  const name = typeof node["name"] === "string" ? node["name"] : "";
  // A key of somebody else's object cannot be renamed; a name of our own can.
  if (name !== "" && vagueWords.test(name) && field !== "imported" && field !== "property") return `names a "${name}"`;
  if (node.type === "TSAnyKeyword") return "uses any";
  if (node["accessibility"] === "private" && nameOf(node["key"]) !== "constructor")
    return "is private by keyword, not by #";
  if (node.type === "ExportAllDeclaration" && node["exported"] === null && !isLimits(source, node)) {
    return "re-exports all, where a door names what it lets out";
  }
  return skipsOrFocuses(node, parent);
}

/** core/limits lets out every limit by design. */
function isLimits(source: SourceFile, node: AstNode): boolean {
  const from = isNode(node["source"]) ? String(node["source"]["value"]) : "";
  return source.path === "src/core/limits/index.ts" || (source.path === "src/core/index.ts" && from.includes("limits"));
}

/** A test that runs alone hides the others; one that does not run owes a reason (`skip: "needs /proc"`). */
function skipsOrFocuses(node: AstNode, parent: AstNode | null): string | null {
  if (node.type === "MemberExpression" && parent?.type === "CallExpression" && parent["callee"] === node) {
    const [object, property] = [nameOf(node["object"]), nameOf(node["property"])];
    const called = `${object}.${property}`;
    if (/^(?:test|it|describe|suite)\.(?:only|skip|todo)$/.test(called)) return `calls ${called}()`;
    const isSilent = (parent["arguments"] as readonly unknown[]).length === 0;
    if (/^(?:t|context)\.(?:skip|todo)$/.test(called) && isSilent) return "skips without a reason";
  }
  if (node.type !== "Property" || !isNode(node["value"])) return null;
  const isTrue = node["value"].type === "Literal" && node["value"]["value"] === true;
  const key = nameOf(node["key"]);
  return isTrue && (key === "only" || key === "skip" || key === "todo") ? `sets ${key}: true` : null;
}

function nameOf(node: unknown): string {
  return isNode(node) && typeof node["name"] === "string" ? node["name"] : "";
}

/** A test waits for an event with a deadline; a pause of so and so long is either too short or wasted. */
export function sleepsOf(source: SourceFile): readonly string[] {
  if (!source.path.endsWith(".test.ts")) return [];
  return source.imports
    .filter(({ specifier }) => specifier === "node:timers/promises")
    .map(() => `${source.path} imports node:timers/promises: tests wait for events`);
}
