// Bencoding (BEP 3): the notation of metainfo, tracker replies and extension messages. Strict, bounded, without copies.

export { decode, decodePrefix } from "./decode.ts";
export type { BencodeLimits, DecodeOptions } from "./decode.ts";
export { BencodeDict } from "./dict.ts";
export type { BencodeValue } from "./dict.ts";
export { binaryKey, encode, Encoded } from "./encode.ts";
export type { Encodable } from "./encode.ts";
export { BencodeError } from "./errors.ts";
export type { BencodeErrorCode } from "./errors.ts";
