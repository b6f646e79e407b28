// The one error type that crosses folders. A code is stable and machine-readable, the message is a sentence for a
// person that names what is wrong and what to do. Each domain narrows the code to a closed union:
//   export class BencodeError extends CodedError<"bencode.depth" | …> {}
// Deliberately without HTTP statuses (frontends map them) and exit codes (cli maps them).

export interface CodedErrorOptions {
  readonly cause?: unknown;
  /** True where the same call may succeed later: a tracker that is down, a disk that is full. */
  readonly retryable?: boolean;
}

export class CodedError<Code extends string = string> extends Error {
  readonly code: Code;
  readonly retryable: boolean;

  constructor(code: Code, message: string, options: CodedErrorOptions = {}) {
    super(message, options.cause === undefined ? {} : { cause: options.cause });
    this.name = new.target.name;
    this.code = code;
    this.retryable = options.retryable ?? false;
  }
}

/** The message of anything that was thrown. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
