// Reading the fields of a decoded metainfo: a value of the right type or a MetainfoError that names the key.

import type { BencodeDict } from "../bencode/index.ts";
import { FILE_LENGTH_MAX_BYTES } from "../core/index.ts";
import { MetainfoError, shown } from "./errors.ts";

export function requireInt(dict: BencodeDict, key: string, where: string): number {
  const value = dict.get(key);
  if (typeof value === "number") return value;
  if (typeof value === "bigint")
    throw new MetainfoError("metainfo.field", `${where}: "${key}" is ${value}, which is beyond any sense.`);
  throw wrongType(dict, key, where, "an integer");
}

export function requireBytes(dict: BencodeDict, key: string, where: string): Buffer {
  const value = dict.bytes(key);
  if (value === undefined) throw wrongType(dict, key, where, "a string");
  return value;
}

export function requireDict(dict: BencodeDict, key: string, where: string): BencodeDict {
  const value = dict.dict(key);
  if (value === undefined) throw wrongType(dict, key, where, "a dictionary");
  return value;
}

/** The strings of a list that holds nothing else. */
export function requireStrings(dict: BencodeDict, key: string, where: string): readonly Buffer[] {
  const value = dict.list(key);
  if (value === undefined || !value.every((element) => Buffer.isBuffer(element))) {
    throw wrongType(dict, key, where, "a list of strings");
  }
  return value;
}

function wrongType(dict: BencodeDict, key: string, where: string, type: string): MetainfoError {
  const fault = dict.has(key) ? `is not ${type}` : "is missing";
  return new MetainfoError("metainfo.field", `${where}: "${key}" ${fault}.`);
}

/** @throws MetainfoError `metainfo.file-length` */
export function checkFileLength(lengthBytes: number | bigint | undefined, path: string | readonly string[]): number {
  if (lengthBytes === undefined) throw new MetainfoError("metainfo.field", `The file ${shown(path)} has no "length".`);
  if (typeof lengthBytes === "bigint" || lengthBytes > FILE_LENGTH_MAX_BYTES) {
    throw new MetainfoError(
      "metainfo.file-length",
      `The file ${shown(path)} has ${lengthBytes} bytes, more than the ${FILE_LENGTH_MAX_BYTES} allowed.`,
    );
  }
  if (lengthBytes < 0)
    throw new MetainfoError("metainfo.file-length", `The file ${shown(path)} has a negative length.`);
  return lengthBytes;
}

/** BEP 47: letters in any order; unknown ones are passed over. */
export interface Attributes {
  readonly pad: boolean;
  readonly executable: boolean;
  readonly symlink: boolean;
}

export function readAttributes(dict: BencodeDict): Attributes {
  const letters = dict.bytes("attr");
  const has = (letter: string): boolean => letters?.includes(letter, 0, "latin1") ?? false;
  return { pad: has("p"), executable: has("x"), symlink: has("l") };
}
