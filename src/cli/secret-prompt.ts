// A question on a terminal whose answer is not shown. node's own line editor reads it; what it would echo goes nowhere.

import { Writable } from "node:stream";
import type { Host } from "./context.ts";
import { InterruptedError } from "./exit-codes.ts";

interface Terminal {
  readonly isTerminal: boolean;
  /** Opened when somebody is asked, and not before: a stream that is read would keep a pipe busy. */
  readonly input: () => NodeJS.ReadStream;
  readonly output: Pick<Host["stderr"], "write">;
  readonly signal: AbortSignal;
}

/** null where the input is no terminal: there is nobody to ask. */
export function secretPrompt({ isTerminal, input, output, signal }: Terminal): Host["askSecret"] {
  if (!isTerminal) return null;
  return async (question) => {
    const silent = new Writable({ write: (_bytes, _encoding, done) => done() });
    const { createInterface } = await import("node:readline/promises");
    const lines = createInterface({ input: input(), output: silent, terminal: true, historySize: 0 });
    // The terminal is in raw mode: Ctrl-C comes as a key, and Ctrl-D as the end.
    const { promise: ended, reject } = Promise.withResolvers<never>();
    const stop = (): void => reject(new InterruptedError("interrupted", "Stopped at a question."));
    lines.once("SIGINT", stop).once("close", stop);
    output.write(question);
    try {
      return await Promise.race([lines.question("", { signal }), ended]);
    } finally {
      lines.close();
      output.write("\n");
    }
  };
}
