// Damage to a JSON text by its values: one is changed, taken out, put in or put under another name, and all is written again.

import type { Random } from "../src/core/index.ts";
import { mutate } from "./mutation.ts";

const plain: readonly unknown[] = [null, true, false, 0, -1, 1, 1.5, 2 ** 53, -0, 1e308, "", " ", "\u0000", "\ud800"];
const values: readonly unknown[] = [
  ...plain,
  [],
  {},
  [[]],
  { constructor: 1 },
  "__proto__",
  "é".normalize("NFD"),
  "a".repeat(6_000),
];

/** Other texts come back as they are. */
export function mutateJson(input: Buffer, tokens: readonly string[], random: Random): Buffer {
  let value: unknown;
  try {
    value = JSON.parse(input.toString("utf8"));
  } catch {
    return input;
  }
  return Buffer.from(JSON.stringify(changed(value, tokens, random)) ?? "null");
}

function changed(value: unknown, tokens: readonly string[], random: Random): unknown {
  if (random.int(6) === 0 || typeof value === "boolean" || value === null) return another(tokens, random);
  if (typeof value === "string") return mutate(Buffer.from(value), Buffer.from(value), tokens, random).toString("utf8");
  if (typeof value === "number") return random.int(2) === 0 ? value + random.int(5) - 2 : another(tokens, random);
  if (Array.isArray(value)) {
    const items = [...(value as readonly unknown[])];
    const at = random.int(Math.max(items.length, 1));
    if (items.length === 0 || random.int(3) === 0) items.splice(at, random.int(2), another(tokens, random));
    else items[at] = changed(items[at], tokens, random);
    return items;
  }
  const entries = Object.entries(value as object);
  const at = random.int(Math.max(entries.length, 1));
  const [name, item] = entries[at] ?? ["", null];
  const kind = random.int(8);
  if (kind === 0 || entries.length === 0)
    entries.push([tokens[random.int(Math.max(tokens.length, 1))] ?? "", another(tokens, random)]);
  else if (kind === 1) entries.splice(at, 1);
  else if (kind === 2) entries[at] = [`${name}${["", " ", "2", "__proto__"][random.int(4)] ?? ""}`, item];
  else entries[at] = [name, changed(item, tokens, random)];
  return Object.fromEntries(entries);
}

function another(tokens: readonly string[], random: Random): unknown {
  return random.int(2) === 0 ? values[random.int(values.length)] : tokens[random.int(Math.max(tokens.length, 1))];
}
