// Errors of the lower parts as HTTP tells them under /uploads (RFC 9457). What is not ours goes on to the app's own answer.

import { STATUS_CODES } from "node:http";
import { CodedError } from "../../core/index.ts";

export interface UploadProblem {
  readonly type: "about:blank";
  readonly title: string;
  readonly status: number;
  readonly detail: string;
  readonly code: string;
  readonly requestId: string;
}

/** The longest that fits counts, as in the command line's exit codes. */
const statuses: Readonly<Record<string, number>> = {
  "upload.unknown": 404,
  "upload.offset": 409,
  "upload.request": 400,
  "upload.too-large": 413,
  "upload.too-many": 429,
  "upload.no-space": 507,
  "upload.busy": 409,
  "upload.incomplete": 409,
  "upload.damaged": 409,
  "upload.idle": 408,
  publish: 422,
  "publish.exists": 409,
  "publish.duplicate": 409,
  "publish.withdrawn": 409,
  "publish.busy": 503,
  "publish.stale": 409,
  metainfo: 422,
  // What the publisher signed is refused.
  release: 422,
  "release.conflict": 409,
  "release.name": 400,
};

/** Null for an error that is no answer to an upload: the origin's own fault. */
export function uploadProblemOf(error: unknown, requestId: string): UploadProblem | null {
  if (!(error instanceof CodedError)) return null;
  const [domain = ""] = error.code.split(".");
  const status = statuses[error.code] ?? statuses[domain];
  if (status === undefined) return null;
  const title = STATUS_CODES[status] ?? "Error";
  return { type: "about:blank", title, status, detail: error.message, code: error.code, requestId };
}
