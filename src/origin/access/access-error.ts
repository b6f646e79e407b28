// Why somebody may not do something.

import { CodedError } from "../../core/index.ts";

export type AccessErrorCode =
  /** No token was sent. */
  | "access.missing"
  /** The token is not known, or was revoked. */
  | "access.invalid"
  /** The token is good for other things. */
  | "access.scope"
  /** There are as many tokens as there may be. */
  | "access.tokens"
  /** No token has that id. */
  | "access.unknown";

export class AccessError extends CodedError<AccessErrorCode> {}
