// Query strings of trackers, whose values are bytes: an info-hash is 20 arbitrary bytes, percent-encoded, and would not
// survive a decoder that believes in UTF-8 (URLSearchParams). One character is one byte here.

import { ANNOUNCE_QUERY_LENGTH_MAX, ANNOUNCE_QUERY_PARAMETERS_MAX } from "../core/index.ts";
import { AnnounceError } from "./announce-error.ts";

/** Name to values in order of appearance, percent-decoded, one byte a character. @throws AnnounceError announce.query */
export function parseQueryString(query: string): ReadonlyMap<string, readonly string[]> {
  if (query.length > ANNOUNCE_QUERY_LENGTH_MAX) throw malformed("is too long");
  const parameters = new Map<string, string[]>();
  const parts = query.split("&");
  if (parts.length > ANNOUNCE_QUERY_PARAMETERS_MAX) throw malformed("has too many parameters");
  for (const part of parts) {
    if (part === "") continue;
    const equals = part.indexOf("=");
    const name = percentDecode(equals === -1 ? part : part.slice(0, equals));
    const value = equals === -1 ? "" : percentDecode(part.slice(equals + 1));
    const values = parameters.get(name);
    if (values === undefined) parameters.set(name, [value]);
    else values.push(value);
  }
  return parameters;
}

/** Long enough for any query: a tracker decodes 100,000 info-hashes a second, and decoding never yields. */
const decoded = Buffer.alloc(ANNOUNCE_QUERY_LENGTH_MAX);

function percentDecode(text: string): string {
  // Most of a query is plain.
  if (!text.includes("%") && !text.includes("+")) return text;
  let length = 0;
  for (let at = 0; at < text.length; at++) {
    let code = text.charCodeAt(at);
    // "+" is a space: only form encoders leave it bare, and they mean that.
    if (code === plus) code = space;
    else if (code === percent) {
      code = (hexDigit(text.charCodeAt(at + 1)) << 4) | hexDigit(text.charCodeAt(at + 2));
      if (code < 0) throw malformed("has a percent sign without two hex digits");
      at += 2;
    }
    decoded[length++] = code;
  }
  return decoded.toString("latin1", 0, length);
}

const space = 0x20;
const percent = 0x25;
const plus = 0x2b;

/** By character code: a look-up takes half of the time that comparing does. */
const hexDigits = Int8Array.from({ length: 256 }, (_, code) => {
  const digit = Number.parseInt(String.fromCharCode(code), 16);
  return Number.isNaN(digit) ? -1 : digit;
});

/** The value of a hex digit's character code, or -1; NaN, which stands behind the end, has none. */
function hexDigit(code: number): number {
  return hexDigits[code] ?? -1;
}

/** Every byte but RFC 3986's unreserved ones as %XX. Characters above 255 are a bug of the caller. */
export function percentEncode(bytes: Uint8Array): string {
  let text = "";
  for (const byte of bytes) {
    const character = String.fromCharCode(byte);
    text += /[A-Za-z0-9._~-]/.test(character) ? character : `%${byte.toString(16).toUpperCase().padStart(2, "0")}`;
  }
  return text;
}

function malformed(what: string): AnnounceError {
  return new AnnounceError("announce.query", `The query string ${what}.`, true);
}
