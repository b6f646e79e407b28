// An error of the operating system or of a check, as plain data: what an I/O thread can send.

export interface IoFailure {
  /** An errno name, or one of our own of the same kind (ESHORT, ENOTFILE). */
  readonly code: string;
  readonly path: string;
  readonly message: string;
}

/** `path` is "" where the error names none. */
export function failureOf(error: unknown): IoFailure {
  const { code, path, message } = error as Partial<NodeJS.ErrnoException>;
  return { code: code ?? "", path: path ?? "", message: message ?? String(error) };
}

/** An error with a code as the operating system's have it. */
export function ioError(code: string, path: string, message: string): Error {
  return Object.assign(new Error(`${code}: ${message}`), { code, path });
}

export function shortFile(root: string, relative: string): Error {
  return ioError("ESHORT", relative === "" ? root : `${root}/${relative}`, "the file ends too early");
}
