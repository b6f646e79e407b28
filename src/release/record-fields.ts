// A strict reader of the JSON objects that are signed: each field is asked for by name, type and limit, and what nobody
// asked for is refused, so that two readers of one signed object cannot see different things in it.

import { RELEASE_URL_CHARACTERS_MAX } from "../core/index.ts";
import { ReleaseError, type ReleaseErrorCode } from "./release-error.ts";

export class RecordFields {
  readonly #fields: ReadonlyMap<string, unknown>;
  readonly #unread: Set<string>;
  readonly #what: string;
  readonly #code: ReleaseErrorCode;

  /** `what` begins each message: "The release record". @throws ReleaseError with `code` */
  constructor(value: unknown, what: string, code: ReleaseErrorCode) {
    this.#what = what;
    this.#code = code;
    if (typeof value !== "object" || value === null || Array.isArray(value)) throw this.#refused("is no object");
    this.#fields = new Map(Object.entries(value));
    this.#unread = new Set(this.#fields.keys());
  }

  /** Whatever a field holds; undefined where it is missing. */
  raw(name: string): unknown {
    this.#unread.delete(name);
    return this.#fields.get(name);
  }

  /** As `read`, or null where the field is null. */
  nullable<T>(name: string, read: (name: string) => T): T | null {
    return this.raw(name) === null ? null : read(name);
  }

  /** 0 … `max` items. */
  list<T>(name: string, max: number, parse: (item: unknown) => T): readonly T[] {
    const value = this.raw(name);
    if (!Array.isArray(value) || value.length > max) throw this.refused(name, `is no list of at most ${max}`);
    return value.map((item: unknown) => parse(item));
  }

  /** 1 … `max` characters (UTF-16), without control characters; line breaks and tabs only where they are said to be allowed. */
  text(name: string, max: number, lines: "one line" | "lines" = "one line"): string {
    const value = this.raw(name);
    if (typeof value !== "string" || value === "") throw this.refused(name, "is no text");
    if (value.length > max) throw this.refused(name, `is longer than ${max} characters`);
    const control = lines === "lines" ? /[^\P{Cc}\n\t]/u : /\p{Cc}/u;
    if (!value.isWellFormed() || control.test(value)) throw this.refused(name, "contains control characters");
    return value;
  }

  hex(name: string, digits: number): string {
    const value = this.raw(name);
    if (typeof value !== "string" || value.length !== digits || !/^[0-9a-f]*$/.test(value)) {
      throw this.refused(name, `is not ${digits} lower-case hex digits`);
    }
    return value;
  }

  integer(name: string, min: number, max: number = Number.MAX_SAFE_INTEGER): number {
    const value = this.raw(name);
    // JSON knows -0, which is equal to 0 and written as another number.
    const isInteger = typeof value === "number" && Number.isSafeInteger(value) && !Object.is(value, -0);
    if (!isInteger || value < min || value > max) {
      throw this.refused(name, `is no integer from ${min} to ${max}`);
    }
    return value;
  }

  oneOf<const T extends string | number>(name: string, values: readonly T[]): T {
    const value = this.raw(name);
    const found = values.find((allowed) => allowed === value);
    if (found === undefined) throw this.refused(name, `is none of ${values.join(", ")}`);
    return found;
  }

  /** Seconds and a Z, with or without milliseconds: one form, so that texts compare as times do. */
  time(name: string): string {
    const value = this.raw(name);
    if (typeof value !== "string" || !/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{3})?Z$/.test(value)) {
      throw this.refused(name, "is no time such as 2026-11-25T12:00:00Z");
    }
    const ms = Date.parse(value);
    // Date.parse() takes 31 February for 3 March.
    const isReal = !Number.isNaN(ms) && new Date(ms).toISOString().slice(0, 19) === value.slice(0, 19);
    if (!isReal) throw this.refused(name, "is no time that exists");
    return value;
  }

  /** http or https, without user and password: it is shown and followed by people. */
  url(name: string): string {
    const value = this.text(name, RELEASE_URL_CHARACTERS_MAX);
    const url = URL.parse(value);
    const isWeb = url !== null && /^https?:$/.test(url.protocol) && url.username === "" && url.password === "";
    if (!isWeb || /\s/.test(value)) throw this.refused(name, "is no http or https URL");
    return value;
  }

  /** A name that a parser of its own checks. */
  parsed(name: string, parse: (text: string) => string): string {
    const value = this.raw(name);
    if (typeof value !== "string") throw this.refused(name, "is no text");
    try {
      return parse(value);
    } catch (cause) {
      throw new ReleaseError(this.#code, `${this.#what}: ${(cause as Error).message}`, { cause });
    }
  }

  /** To be called last. */
  end(): void {
    for (const name of this.#unread) throw this.refused(name, "is no field that it may have");
  }

  refused(name: string, fault: string): ReleaseError {
    return this.#refused(`is refused: its "${name.slice(0, 40)}" ${fault}`);
  }

  #refused(fault: string): ReleaseError {
    return new ReleaseError(this.#code, `${this.#what} ${fault}.`);
  }
}
