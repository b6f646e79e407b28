// Why an upload is refused or ends.

import { CodedError } from "../../core/index.ts";

export type UploadErrorCode =
  /** There is no such upload: it never was, was completed, or expired. */
  | "upload.unknown"
  /** What was sent does not begin where the upload is. */
  | "upload.offset"
  /** The request lacks something or contradicts itself. */
  | "upload.request"
  /** Longer than announced, or than is allowed. */
  | "upload.too-large"
  /** There are as many uploads as there may be. */
  | "upload.too-many"
  | "upload.no-space"
  /** The version is being published just now, by another upload. */
  | "upload.busy"
  /** Not all of it has come. */
  | "upload.incomplete"
  /** What came is not what its metainfo says; the upload stands at the first bad byte again. */
  | "upload.damaged"
  /** Nothing came for too long. */
  | "upload.idle"
  /** The artifact changed while it was sent. */
  | "upload.changed"
  /** The server cannot be reached, or not for long enough. */
  | "upload.unreachable"
  /** The server refuses, in its own words. */
  | "upload.refused";

export class UploadError extends CodedError<UploadErrorCode> {}
