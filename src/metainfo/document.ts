// Metainfo as bencoding: strict, with the limits of this folder, and a MetainfoError where it is none.

import { BencodeDict, BencodeError, decode } from "../bencode/index.ts";
import type { BencodeErrorCode } from "../bencode/index.ts";
import { METAINFO_DEPTH_MAX, METAINFO_TOKENS_MAX } from "../core/index.ts";
import { MetainfoError } from "./errors.ts";

const tooLarge: ReadonlySet<BencodeErrorCode> = new Set(["bencode.size", "bencode.depth", "bencode.tokens"]);

/** @throws MetainfoError `metainfo.size`, `metainfo.syntax` */
export function decodeMetainfo(bytes: Uint8Array, lengthMaxBytes: number, what: string): BencodeDict {
  if (bytes.length > lengthMaxBytes) {
    throw new MetainfoError(
      "metainfo.size",
      `${what} has ${bytes.length} bytes, more than the ${lengthMaxBytes} allowed.`,
    );
  }
  try {
    const limits = { lengthMaxBytes, depthMax: METAINFO_DEPTH_MAX, tokensMax: METAINFO_TOKENS_MAX };
    const value = decode(bytes, { limits });
    if (value instanceof BencodeDict) return value;
  } catch (cause) {
    if (!(cause instanceof BencodeError)) throw cause;
    const code = tooLarge.has(cause.code) ? "metainfo.size" : "metainfo.syntax";
    throw new MetainfoError(code, `${what} cannot be read. ${cause.message}.`, { cause });
  }
  throw new MetainfoError("metainfo.syntax", `${what} is bencoded but no dictionary.`);
}
