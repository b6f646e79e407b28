// The layers of src/ (ARCHITECTURE.md) as a rule: what each folder may import, and what the pure ones may touch.
//
// Downward only, never sideways, and into another folder through its index.ts; inside a folder one imports the file. A type-only
// import counts like any other. Layers 0 to 3 compute and nothing else: a module of Node that could do I/O, a timer, a
// clock or a random number there is a violation, so that a swarm runs the same in a simulation and in the engine.
// Tests obey the direction too, but may touch the world, and may come in by their own folder's door as its users do.

import { posix } from "node:path";
import { lineOf, visit, type AstNode, type SourceFile } from "../tidy/source-file.ts";

export const layers: Readonly<Record<string, number>> = {
  core: 0,
  bencode: 1,
  metainfo: 2,
  wire: 2,
  announce: 2,
  swarm: 3,
  storage: 4,
  net: 4,
  engine: 5,
  tracker: 5,
  release: 5,
  origin: 6,
  agent: 6,
  cli: 7,
};

const PURE_LAYER_MAX = 3;

/** Modules that compute only; where names are listed, these only. Everything else is not for pure layers. */
const pureModules: Readonly<Record<string, readonly string[] | "any">> = {
  "node:assert": "any",
  "node:assert/strict": "any",
  "node:buffer": ["Buffer", "constants", "isUtf8"],
  "node:crypto": ["createHash", "hash", "Hash", "timingSafeEqual"],
  "node:net": ["BlockList", "isIP", "isIPv4", "isIPv6", "SocketAddress"],
};

/** Globals that tell the time, wait, draw lots or reach outside. */
const impureGlobals: ReadonlySet<string> = new Set([
  "console",
  "crypto",
  "fetch",
  "performance",
  "process",
  "queueMicrotask",
  "setImmediate",
  "setInterval",
  "setTimeout",
  "WebSocket",
  "Worker",
]);
const impureMembers: ReadonlySet<string> = new Set(["Date.now", "Math.random"]);

/** The two files where time and randomness enter, as arguments for everybody else. */
const doorsToTheWorld: Readonly<Record<string, readonly string[]>> = {
  "src/core/clock.ts": ["performance", "Date.now"],
  "src/core/random.ts": ["node:crypto randomBytes"],
};

/** Violations as sentences, one a line of code. */
export function violationsOf(source: SourceFile): readonly string[] {
  return [...directionOf(source), ...(isPure(source.path) ? purityOf(source) : [])];
}

function folderOf(path: string): string {
  return path.split("/")[1] ?? "";
}

function isPure(path: string): boolean {
  return !path.endsWith(".test.ts") && (layers[folderOf(path)] ?? Infinity) <= PURE_LAYER_MAX;
}

function directionOf(source: SourceFile): readonly string[] {
  const from = folderOf(source.path);
  const layer = layers[from];
  if (layer === undefined) return [`${source.path}: the folder "${from}" has no layer`];
  const found: string[] = [];
  for (const { specifier } of source.imports) {
    if (!specifier.startsWith(".")) continue;
    const target = posix.join(posix.dirname(source.path), specifier);
    const to = folderOf(target);
    const say = (why: string): number => found.push(`${source.path} imports ${specifier}: ${why}`);
    if (!target.startsWith("src/")) say("outside src");
    else if (to === from) {
      if (target === `src/${from}/index.ts` && !source.path.endsWith(".test.ts")) {
        say("inside a folder, import the file and not the door");
      }
    } else if (layers[to] === undefined) say(`the folder "${to}" has no layer`);
    else if (layers[to] === layer) say(`sideways (both are layer ${layer})`);
    else if (layers[to] > layer) say(`upward (layer ${layer} to ${layers[to]})`);
    else if (target !== `src/${to}/index.ts`) say("not through the folder's index.ts");
  }
  return found;
}

function purityOf(source: SourceFile): readonly string[] {
  const allowed = doorsToTheWorld[source.path] ?? [];
  const found = [...impureImportsOf(source), ...impureNamesOf(source)].filter(({ what }) => !allowed.includes(what));
  return found.map(({ what, where }) => `${source.path}${where} uses ${what}: layers 0 to ${PURE_LAYER_MAX} are pure`);
}

interface Finding {
  readonly what: string;
  readonly where: string;
}

function impureImportsOf(source: SourceFile): readonly Finding[] {
  return source.imports
    .filter(({ specifier }) => !specifier.startsWith("."))
    .flatMap(({ specifier, names }) => {
      const pure = pureModules[specifier] ?? [];
      const bad = pure === "any" ? [] : names.filter((name) => !pure.includes(name));
      return bad.map((name) => ({ what: `${specifier} ${name}`, where: "" }));
    });
}

function impureNamesOf(source: SourceFile): readonly Finding[] {
  const found: Finding[] = [];
  for (const { node, parent, field } of visit(source.program)) {
    const what = impureName(node, parent, field);
    if (what !== null) found.push({ what, where: `:${lineOf(source, node.start)}` });
  }
  return found;
}

function impureName(node: AstNode, parent: AstNode | null, field: string): string | null {
  if (node.type === "MemberExpression") {
    const member = `${identifier(node["object"])}.${identifier(node["property"])}`;
    return impureMembers.has(member) ? member : null;
  }
  if (node.type === "NewExpression" && identifier(node["callee"]) === "Date") {
    return (node["arguments"] as readonly unknown[]).length === 0 ? "new Date()" : null;
  }
  if (node.type !== "Identifier" || !impureGlobals.has(identifier(node))) return null;
  // A property's or a method's own name is no use of the global.
  const isName = parent !== null && parent["computed"] !== true && (field === "property" || field === "key");
  return isName ? null : identifier(node);
}

function identifier(value: unknown): string {
  const node = value as { type?: string; name?: string } | null;
  return node?.type === "Identifier" ? (node.name ?? "") : "";
}
