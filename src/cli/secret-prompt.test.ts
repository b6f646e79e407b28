import assert from "node:assert/strict";
import { PassThrough } from "node:stream";
import { test } from "node:test";
import { InterruptedError } from "./exit-codes.ts";
import { secretPrompt } from "./secret-prompt.ts";

/** A terminal at which `keys` are pressed. */
function typing(keys: string): { ask: (question: string) => Promise<string>; shown: () => string } {
  let shown = "";
  const input = new PassThrough();
  const ask = secretPrompt({
    isTerminal: true,
    input: () => {
      input.write(keys);
      return input as unknown as NodeJS.ReadStream;
    },
    output: { write: (text) => void (shown += text) },
    signal: new AbortController().signal,
  });
  return { ask: ask ?? assert.fail(), shown: () => shown };
}

test("a secret is read without being shown, and can be corrected", async () => {
  const { ask, shown } = typing("wrnog\u007f\u007f\u007fong horse\r");
  assert.equal(await ask("Passphrase: "), "wrong horse");
  assert.equal(shown(), "Passphrase: \n");
});

test("Ctrl-C and Ctrl-D at a question are interruptions", async () => {
  for (const key of ["secret\u0003", "\u0004"]) await assert.rejects(typing(key).ask("? "), InterruptedError);
});

test("without a terminal nobody is asked", () => {
  const { signal } = new AbortController();
  const deps = { input: () => assert.fail("was opened"), output: { write: () => {} }, signal };
  assert.equal(secretPrompt({ isTerminal: false, ...deps }), null);
});
