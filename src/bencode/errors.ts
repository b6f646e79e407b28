// Why a document was refused, and at which byte.

import { CodedError } from "../core/index.ts";

export type BencodeErrorCode =
  | "bencode.truncated"
  | "bencode.syntax"
  | "bencode.integer"
  | "bencode.string-length"
  | "bencode.key-type"
  | "bencode.key-order"
  | "bencode.key-duplicate"
  | "bencode.trailing"
  | "bencode.depth"
  | "bencode.tokens"
  | "bencode.size"
  | "bencode.value";

export class BencodeError extends CodedError<BencodeErrorCode> {
  /** The byte of the input at which it went wrong; for a value that cannot be encoded the bytes written before it. */
  readonly offset: number;

  constructor(code: BencodeErrorCode, message: string, offset: number) {
    super(code, `${message} (at byte ${offset})`);
    this.offset = offset;
  }
}
