// The repository's own files as the rules look at them: text, lines, syntax tree, imports. Read-only.

import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parseSync } from "oxc-parser";

export const root: string = join(import.meta.dirname, "..", "..");

export interface AstNode {
  readonly type: string;
  readonly start: number;
  readonly end: number;
  readonly [field: string]: unknown;
}

export interface Import {
  readonly specifier: string;
  /** What is taken from the module, by its name there; `*` for all of it. */
  readonly names: readonly string[];
}

export interface SourceFile {
  /** From the root of the repository, with slashes. */
  readonly path: string;
  readonly text: string;
  readonly lines: readonly string[];
  readonly program: AstNode;
  readonly imports: readonly Import[];
}

const isForeign = (name: string): boolean => ["node_modules", "dist", ".git"].includes(name);

/** Paths from the root that match, sorted. Built and installed files never do. */
export function findFiles(...patterns: readonly string[]): readonly string[] {
  return globSync(patterns, { cwd: root, exclude: isForeign })
    .map((path) => path.replaceAll("\\", "/"))
    .toSorted();
}

export function readText(path: string): string {
  return readFileSync(join(root, path), "utf8");
}

export function readSource(path: string): SourceFile {
  return parseSource(path, readText(path));
}

/** A file that need not exist, so that a rule can be shown a violation. */
export function parseSource(path: string, text: string): SourceFile {
  const parsed = parseSync(path, text);
  const [error] = parsed.errors;
  if (error !== undefined) throw new Error(`${path}: ${error.message}`);
  const program = parsed.program as unknown as AstNode;
  return { path, text, lines: text.replace(/\n$/, "").split("\n"), program, imports: importsOf(program) };
}

export interface Visit {
  readonly node: AstNode;
  readonly parent: AstNode | null;
  /** The field of the parent that holds the node. */
  readonly field: string;
}

/** Every node below and including this one, parents first. */
export function* visit(node: AstNode, parent: AstNode | null = null, field = ""): Generator<Visit> {
  yield { node, parent, field };
  for (const [name, value] of Object.entries(node)) {
    for (const child of Array.isArray(value) ? value : [value]) {
      if (isNode(child)) yield* visit(child, node, name);
    }
  }
}

export function isNode(value: unknown): value is AstNode {
  return typeof value === "object" && value !== null && "type" in value && "start" in value;
}

export function lineOf(source: SourceFile, offset: number): number {
  return source.text.slice(0, offset).split("\n").length;
}

/** Static and dynamic imports, re-exports and `import("…")` types alike: a type is a dependency too. */
function importsOf(program: AstNode): readonly Import[] {
  const imports: Import[] = [];
  for (const { node } of visit(program)) {
    const specifier = isNode(node["source"]) ? node["source"]["value"] : undefined;
    if (typeof specifier !== "string") continue;
    const specifiers = Array.isArray(node["specifiers"]) ? (node["specifiers"] as unknown[]).filter(isNode) : null;
    imports.push({ specifier, names: specifiers?.map(nameOf) ?? ["*"] });
  }
  return imports;
}

function nameOf(specifier: AstNode): string {
  const name = specifier.type === "ExportSpecifier" ? specifier["local"] : specifier["imported"];
  return isNode(name) && typeof name["name"] === "string" ? name["name"] : "*";
}
