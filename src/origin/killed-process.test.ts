// A process that does one thing after the other, names each on stdout when it is done, and is killed (SIGKILL) at it.

import { spawn } from "node:child_process";
import { createInterface } from "node:readline";

/**
 * Runs a file that is its own victim, and kills it when it has named `count` things, while it is at the next. Returns the
 * last that it named.
 */
export async function runAndKill(file: string, argument: string, count: number): Promise<number> {
  const { NODE_TEST_CONTEXT: _, ...env } = process.env;
  const child = spawn(process.execPath, [file, argument], { env, stdio: ["ignore", "pipe", "inherit"] });
  const exited = new Promise((resolve) => child.once("exit", resolve));
  let last = 0;
  let lines = 0;
  for await (const line of createInterface({ input: child.stdout })) {
    last = Number(line);
    if (++lines === count) child.kill("SIGKILL");
  }
  await exited;
  return last;
}
