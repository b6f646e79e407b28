// What a bench was told on its command line, checked: a name that nobody knows or a number that is none would else measure
// nothing and say so by an empty table.

/** The values of `parseArgs`. */
export type BenchValues = Readonly<Record<string, string | boolean | undefined>>;

/** A value that the bench cannot take; says which ones it can. */
export class UsageError extends Error {}

/** 0 or more, as an amount of anything. @throws UsageError */
export function amountOf(values: BenchValues, key: string): number {
  const text = textOf(values, key);
  const amount = text.trim() === "" ? Number.NaN : Number(text);
  if (!(amount >= 0 && amount < Infinity)) throw new UsageError(`--${key} ${text}: a number is expected, 0 or more.`);
  return amount;
}

/** 1 or more. @throws UsageError */
export function countOf(values: BenchValues, key: string): number {
  return countIn(textOf(values, key), key);
}

/** One or several, with commas between them. @throws UsageError */
export function countsOf(values: BenchValues, key: string): number[] {
  return textOf(values, key)
    .split(",")
    .map((text) => countIn(text, key));
}

/** Of the known names those that were given; all of them where none was. @throws UsageError */
export function namesOf(values: BenchValues, key: string, known: readonly string[]): string[] {
  const names = textOf(values, key).split(",").filter(Boolean);
  for (const name of names) {
    if (!known.includes(name)) throw new UsageError(`--${key} ${name}: there is ${known.join(", ")}.`);
  }
  return names.length === 0 ? [...known] : names;
}

/** Of the present contenders those that `--clients` names; all of them where it names none. @throws UsageError */
export function clientsOf<T extends { readonly client: string }>(values: BenchValues, present: readonly T[]): T[] {
  const known = present.map(({ client }) => client);
  const clients = namesOf(values, "clients", known);
  return present.filter(({ client }) => clients.includes(client));
}

/** As it was given or is by default; "" where it is neither. */
export function textOf(values: BenchValues, key: string): string {
  return String(values[key] ?? "");
}

function countIn(text: string, key: string): number {
  const count = Number(text);
  if (!(Number.isSafeInteger(count) && count >= 1)) {
    throw new UsageError(`--${key} ${text}: a whole number is expected, 1 or more.`);
  }
  return count;
}
