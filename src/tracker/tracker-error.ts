// What can go wrong with a tracker as a whole. What is wrong with one request is an AnnounceError, answered or not.

import { CodedError } from "../core/index.ts";

export type TrackerErrorCode =
  /** A host or port on which the tracker cannot listen. */
  | "tracker.listen"
  /** An allow-list that cannot be read, or a line of it that is no info-hash. */
  | "tracker.allow-list"
  /** A setting that makes no sense. */
  | "tracker.options";

export class TrackerError extends CodedError<TrackerErrorCode> {}
