// The bencoded dictionary that an extended message begins with (BEP 10). Other clients write keys in any order, and
// nobody hashes it, so order is not demanded; depth, values and size are bounded.

import { BencodeDict, BencodeError, decodePrefix } from "../bencode/index.ts";
import { EXTENDED_DEPTH_MAX, EXTENDED_MAX_BYTES, EXTENDED_TOKENS_MAX } from "../core/index.ts";
import { WireError } from "./wire-error.ts";

/** The dictionary, and what follows it. `what` names the message in the error. @throws WireError `wire.payload` */
export function parseDictionary(payload: Buffer, what: string): { dict: BencodeDict; rest: Buffer } {
  try {
    const { value, lengthBytes } = decodePrefix(payload, {
      order: "any",
      limits: { depthMax: EXTENDED_DEPTH_MAX, tokensMax: EXTENDED_TOKENS_MAX, lengthMaxBytes: EXTENDED_MAX_BYTES },
    });
    if (value instanceof BencodeDict) return { dict: value, rest: payload.subarray(lengthBytes) };
  } catch (cause) {
    if (!(cause instanceof BencodeError)) throw cause;
    throw new WireError("wire.payload", `The ${what} cannot be read: ${cause.message}`, { cause });
  }
  throw new WireError("wire.payload", `The ${what} is not a dictionary.`);
}

/** The integer where it is there and within the range, else null. */
export function intWithin(dict: BencodeDict, key: string, min: number, max: number): number | null {
  const value = dict.int(key);
  return value !== undefined && value >= min && value <= max ? value : null;
}
