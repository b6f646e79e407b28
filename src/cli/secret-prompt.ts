// A passphrase typed at a terminal, which shows nothing of it.

import { createInterface } from "node:readline";
import { Writable } from "node:stream";
import { InterruptedError } from "./exit-codes.ts";

/** What was typed up to Enter. Null where standard input is no terminal. @throws InterruptedError on Ctrl-C */
export async function askSecret(
  question: string,
  stdin: NodeJS.ReadStream,
  stderr: { write(text: string): void },
): Promise<string | null> {
  if (!stdin.isTTY) return null;
  stderr.write(question);
  const silent = new Writable({ write: (_bytes, _encoding, done) => done() });
  const lines = createInterface({ input: stdin, output: silent, terminal: true });
  try {
    return await new Promise<string>((resolve, reject) => {
      lines.once("line", resolve);
      lines.once("SIGINT", () => reject(new InterruptedError("interrupted", "Interrupted.")));
      lines.once("close", () => reject(new InterruptedError("interrupted", "Standard input ended.")));
    });
  } finally {
    lines.removeAllListeners("close");
    lines.close();
    stderr.write("\n");
  }
}
