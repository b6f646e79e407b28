import assert from "node:assert/strict";
import { PassThrough } from "node:stream";
import { test } from "node:test";
import { InterruptedError } from "./exit-codes.ts";
import { askSecret } from "./secret-prompt.ts";

/** Asked at a terminal, or a pipe, at which `keys` are pressed. */
async function typing(keys: string, isTTY = true): Promise<{ typed: string | null; shown: string }> {
  let shown = "";
  const stdin = Object.assign(new PassThrough(), { isTTY }) as unknown as NodeJS.ReadStream;
  (stdin as unknown as PassThrough).write(keys);
  const typed = await askSecret("Passphrase: ", stdin, { write: (text) => void (shown += text) });
  return { typed, shown };
}

test("a secret is read without being shown, and can be corrected", async () => {
  const answer = await typing("wrnog\u007f\u007f\u007fong horse\r");
  assert.deepEqual(answer, { typed: "wrong horse", shown: "Passphrase: \n" });
});

test("Ctrl-C and Ctrl-D at a question are interruptions", async () => {
  for (const key of ["secret\u0003", "\u0004"]) await assert.rejects(typing(key), InterruptedError);
});

test("without a terminal nobody is asked", async () => {
  assert.deepEqual(await typing("secret\r", false), { typed: null, shown: "" });
});
