// What went wrong, as HTTP says it (RFC 9457): a status and a stable code for programs, a sentence for people. Here the codes
// of the lower parts get their statuses; every other error is ours and says nothing to the client.

import { STATUS_CODES } from "node:http";
import type { FastifyError } from "fastify";
import { CodedError } from "../../core/index.ts";
import { AccessError } from "../access/access-error.ts";
import type { AccessErrorCode } from "../access/access-error.ts";
import { CatalogueError } from "../catalogue/catalogue.ts";
import type { CatalogueErrorCode } from "../catalogue/catalogue.ts";
import { ReleaseError } from "../../release/index.ts";
import type { ReleaseErrorCode } from "../../release/index.ts";
import { DatabaseError } from "../database/database-error.ts";
import { PayloadError } from "../payloads/payload-store.ts";
import type { PayloadErrorCode } from "../payloads/payload-store.ts";

/** Thrown by any route of any part to be answered with this status. `code` is such as "case.unknown", and stays. */
export class HttpProblem extends CodedError {
  readonly status: number;

  constructor(status: number, code: string, detail: string) {
    super(code, detail);
    this.status = status;
  }
}

export interface Problem {
  readonly type: "about:blank";
  readonly title: string;
  readonly status: number;
  readonly detail: string;
  readonly code: string;
  /** The request's id, as in the log and the X-Request-Id header. */
  readonly requestId: string;
}

const statuses: Readonly<Record<CatalogueErrorCode | PayloadErrorCode | AccessErrorCode, number>> = {
  "catalogue.exists": 409,
  "catalogue.unknown": 404,
  "catalogue.not-withdrawn": 409,
  "catalogue.conflict": 409,
  "catalogue.store": 503,
  "payload.unknown": 404,
  "payload.exists": 409,
  "payload.store": 503,
  "access.missing": 401,
  "access.invalid": 401,
  "access.scope": 403,
  "access.tokens": 409,
  "access.unknown": 404,
};

/** What a request asked for and the signed metadata does not allow; its other errors are ours. */
const releaseStatuses: Partial<Readonly<Record<ReleaseErrorCode, number>>> = {
  "release.name": 422,
  "release.withdrawal-record": 422,
  "release.not-found": 422,
  "release.already-withdrawn": 409,
  "release.not-withdrawn": 409,
  "release.unsigned": 409,
  "release.too-many": 409,
};

/** Codes of what the framework refuses before a route is asked. */
const requestCodes: Readonly<Record<number, string>> = {
  400: "request.invalid",
  404: "route.unknown",
  413: "request.too-large",
  415: "request.media-type",
  429: "request.too-many",
};

/** What the disk did is told; which file of this machine it was at stays in the log. */
function withoutPath(message: string): string {
  return message.replace(/: (?:\/|[A-Za-z]:\\).*$/s, ".");
}

export function problemOf(error: unknown, requestId: string): Problem {
  if (error instanceof HttpProblem) return problem(error.status, error.code, error.message, requestId);
  if (error instanceof DatabaseError) return problem(503, error.code, withoutPath(error.message), requestId);
  if (error instanceof CatalogueError || error instanceof PayloadError || error instanceof AccessError) {
    return problem(statuses[error.code], error.code, withoutPath(error.message), requestId);
  }
  if (error instanceof ReleaseError) {
    const { code, message } = error as ReleaseError;
    const status = releaseStatuses[code];
    if (status !== undefined) return problem(status, code, message, requestId);
  }
  const { statusCode = 500, message = "" } = error as Partial<FastifyError>;
  if (statusCode >= 400 && statusCode < 500) {
    return problem(statusCode, requestCodes[statusCode] ?? "request.refused", message, requestId);
  }
  return problem(500, "internal", "Something went wrong here. The log knows more under the request's id.", requestId);
}

function problem(status: number, code: string, detail: string, requestId: string): Problem {
  return { type: "about:blank", title: STATUS_CODES[status] ?? "Error", status, detail, code, requestId };
}
