// A request as a text: `METHOD URL`, headers, an empty line, the body. What a web server refuses before anybody sees it
// (bytes that no header or URL may hold) is no request.

import { METHODS } from "node:http";

export interface RequestText {
  readonly method: string;
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
}

/** The server and the test's client say these themselves. */
const ownHeaders: ReadonlySet<string> = new Set([
  "host",
  "content-length",
  "transfer-encoding",
  "connection",
  "expect",
  "upgrade",
]);

export function parseRequestText(input: Buffer): RequestText | null {
  const end = input.indexOf("\n\n");
  const head = input.toString("latin1", 0, end < 0 ? input.length : end).split("\n");
  const [, method = "", url = ""] = /^([A-Z-]+) (\/[\x21-\x7e]*)$/.exec(head[0] ?? "") ?? [];
  if (!METHODS.includes(method) || method === "CONNECT") return null;
  const headers: Record<string, string> = {};
  for (const line of head.slice(1)) {
    const [, name = "", value = ""] = /^([\w!#$%&'*+.^`|~-]+): ?([\t\x20-\x7e\x80-\xff]*)$/.exec(line) ?? [];
    if (name === "") return null;
    if (!ownHeaders.has(name.toLowerCase())) headers[name.toLowerCase()] = value;
  }
  return { method, url, headers, body: end < 0 ? Buffer.alloc(0) : input.subarray(end + 2) };
}

export function requestText(
  line: string,
  headers: Readonly<Record<string, string>> = {},
  body: string | Buffer = "",
): Buffer {
  const head = [line, ...Object.entries(headers).map(([name, value]) => `${name}: ${value}`)].join("\n");
  return Buffer.concat([Buffer.from(`${head}\n\n`, "latin1"), Buffer.from(body)]);
}
