// Why something is not published.

import { CodedError } from "../../core/index.ts";

export type PublishErrorCode =
  /** The bytes are not those of which the vendor published the hash. */
  | "publish.vendor-hash"
  /** What was said about the release contradicts itself or what there is: a hash of a folder, a hash of a wrong length. */
  | "publish.details"
  /** The version is there with other bytes; a version is never replaced. */
  | "publish.exists"
  /** These bytes are another release's already: an info-hash belongs to one. */
  | "publish.duplicate"
  /** The version, or these bytes under another, were withdrawn. */
  | "publish.withdrawn"
  /** Another publish holds the lock, or kept winning. */
  | "publish.busy"
  /** Signed as another than the next release of its product: sign again with the next number. */
  | "publish.stale"
  /** The metainfo does not belong to the payload. */
  | "publish.metainfo";

export class PublishError extends CodedError<PublishErrorCode> {}
