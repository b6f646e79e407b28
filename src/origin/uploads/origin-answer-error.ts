// What an origin answered instead of doing it: the problem document (RFC 9457) as an error. Its code is the origin's own
// ("publish.exists", "access.scope"), so that it means here what it means there.

import { CodedError } from "../../core/index.ts";

/** The same request may succeed later. */
const passing: ReadonlySet<number> = new Set([408, 429, 500, 502, 503, 504]);

export class OriginAnswerError extends CodedError {
  readonly status: number;

  constructor(status: number, code: string, detail: string) {
    super(code, detail, { retryable: passing.has(status) });
    this.status = status;
  }
}

/** From an answer that is no success; a proxy's pages too, which are no problem documents. */
export function answerErrorOf(status: number, text: string): OriginAnswerError {
  const { code, detail } = fieldsOf(text);
  const isCode = typeof code === "string" && /^[a-z][a-z-]*(?:\.[a-z-]+)*$/.test(code);
  const known = typeof detail === "string" && detail !== "" ? detail.slice(0, 2000) : `The origin answered ${status}.`;
  return new OriginAnswerError(status, isCode ? code : "upload.refused", known);
}

function fieldsOf(text: string): { readonly code?: unknown; readonly detail?: unknown } {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null ? value : {};
  } catch (error) {
    if (error instanceof SyntaxError) return {};
    throw error;
  }
}
