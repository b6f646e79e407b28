// The origin's own description, DATA/origin.json: written by init, edited by a person, read when a command opens the
// folder. A key that is not known or has the wrong type is an error that names it.

import { isIP } from "node:net";
import { CodedError } from "../core/index.ts";
import type { DesignatedAgent, MailSettings, OriginConfig } from "./origin-parts.ts";

export class ConfigError extends CodedError<"config.syntax" | "config.value"> {}

const KEYS = ["title", "publicUrl", "trackers", "agent", "mail", "notices", "trustedProxies"];

/** @throws ConfigError */
export function parseOriginConfig(text: string): OriginConfig {
  const fields = new Fields(parseObject(text), "");
  fields.checkKeys(KEYS);
  const publicUrl = fields.text("publicUrl");
  return {
    title: fields.text("title"),
    publicUrl: checkPublicUrl(publicUrl),
    trackers: fields.texts("trackers").map((url) => checkUrl(url, ["http:", "https:", "udp:"], "trackers")),
    agent: agentOf(fields.part("agent")),
    mail: mailOf(fields.part("mail")),
    ...noticesOf(fields.part("notices")),
    trustedProxies: fields.texts("trustedProxies").map(checkNetwork),
  };
}

export function formatOriginConfig(config: OriginConfig): string {
  return `${JSON.stringify(config, null, 2)}\n`;
}

/** An origin's address: http(s), without a path, query or slash at the end. @throws ConfigError */
function checkPublicUrl(text: string): string {
  const url = new URL(checkUrl(text, ["http:", "https:"], "publicUrl"));
  if (url.pathname !== "/" || url.search !== "" || url.hash !== "" || url.username !== "") {
    throw bad("publicUrl", `${text} is more than a scheme, a host and a port`);
  }
  return url.origin;
}

function agentOf(fields: Fields | null): DesignatedAgent | null {
  if (fields === null) return null;
  fields.checkKeys(["name", "organization", "postalAddress", "phone", "email"]);
  return {
    name: fields.text("name"),
    organization: fields.optionalText("organization"),
    postalAddress: fields.text("postalAddress"),
    phone: fields.optionalText("phone"),
    email: fields.text("email"),
  };
}

function mailOf(fields: Fields | null): MailSettings | null {
  if (fields === null) return null;
  fields.checkKeys(["smtpUrl", "from"]);
  return { smtpUrl: checkUrl(fields.text("smtpUrl"), ["smtp:", "smtps:"], "mail.smtpUrl"), from: fields.text("from") };
}

function noticesOf(fields: Fields | null): Pick<OriginConfig, "notices"> {
  if (fields === null) return {};
  fields.checkKeys(["actOn", "putBack", "timeZone"]);
  const actOn = fields.choice("actOn", ["review", "receipt"]);
  const putBack = fields.choice("putBack", ["automatic", "manual"]);
  const timeZone = fields.optionalText("timeZone");
  if (timeZone !== null && !isTimeZone(timeZone)) throw bad("notices.timeZone", `"${timeZone}" is no time zone`);
  return {
    notices: {
      ...(actOn === null ? {} : { actOn }),
      ...(putBack === null ? {} : { putBack }),
      ...(timeZone === null ? {} : { timeZone }),
    },
  };
}

function isTimeZone(name: string): boolean {
  try {
    return new Intl.DateTimeFormat("en", { timeZone: name }).resolvedOptions().timeZone !== "";
  } catch {
    return false;
  }
}

function parseObject(text: string): Readonly<Record<string, unknown>> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw new ConfigError("config.syntax", "origin.json is not JSON.", { cause });
  }
  if (!isObject(value)) throw new ConfigError("config.syntax", "origin.json is not an object.");
  return value;
}

class Fields {
  readonly #values: Readonly<Record<string, unknown>>;
  readonly #prefix: string;

  constructor(values: Readonly<Record<string, unknown>>, prefix: string) {
    this.#values = values;
    this.#prefix = prefix;
  }

  checkKeys(known: readonly string[]): void {
    const unknown = Object.keys(this.#values).find((key) => !known.includes(key));
    if (unknown !== undefined) throw bad(this.#prefix + unknown, `there is no such setting (${known.join(", ")})`);
  }

  text(key: string): string {
    const value = this.#values[key];
    if (typeof value !== "string" || value.trim() === "") throw bad(this.#prefix + key, "a text is wanted");
    return value;
  }

  optionalText(key: string): string | null {
    return (this.#values[key] ?? null) === null ? null : this.text(key);
  }

  choice<const Word extends string>(key: string, words: readonly Word[]): Word | null {
    const text = this.optionalText(key);
    const word = words.find((one) => one === text) ?? null;
    if (word === null && text !== null) throw bad(this.#prefix + key, `it is one of ${words.join(", ")}`);
    return word;
  }

  texts(key: string): readonly string[] {
    const value = this.#values[key] ?? [];
    if (Array.isArray(value) && value.every((one) => typeof one === "string")) return value;
    throw bad(this.#prefix + key, "a list of texts is wanted");
  }

  part(key: string): Fields | null {
    const value = this.#values[key] ?? null;
    if (value === null) return null;
    if (!isObject(value)) throw bad(this.#prefix + key, "an object is wanted");
    return new Fields(value, `${this.#prefix}${key}.`);
  }
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function checkUrl(text: string, protocols: readonly string[], key: string): string {
  const url = URL.parse(text);
  if (url === null || !protocols.includes(url.protocol)) {
    throw bad(key, `"${text}" is not a URL that begins with ${protocols.join(" or ")}`);
  }
  return text;
}

/** An address, or one with the length of its network: 10.0.0.0/8. */
function checkNetwork(text: string): string {
  const [address = "", bits = null, ...rest] = text.split("/");
  const most = isIP(address) === 4 ? 32 : 128;
  const isLength = bits === null || (/^\d{1,3}$/.test(bits) && Number(bits) <= most);
  if (isIP(address) === 0 || !isLength || rest.length > 0) {
    throw bad("trustedProxies", `"${text}" is neither an address nor a network like 10.0.0.0/8`);
  }
  return text;
}

function bad(key: string, why: string): ConfigError {
  return new ConfigError("config.value", `origin.json, ${key}: ${why}.`);
}
