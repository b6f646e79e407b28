// The process: argv, environment, signals, streams and the exit code. Nothing else touches them.

import { systemClock } from "../core/index.ts";
import type { Host } from "./context.ts";
import { Interrupts } from "./interrupts.ts";
import { createProgram } from "./program.ts";
import { runCommandLine } from "./run.ts";
import { askSecret } from "./secret-prompt.ts";
import { readVersion } from "./version.ts";

const interrupts = new Interrupts(process, systemClock);
// Set by bin/upswarm.js where it had to start another Node; what this process starts must not believe it too.
if (process.env["UPSWARM_LAUNCHED"] !== undefined && process.connected) interrupts.followLauncher();
delete process.env["UPSWARM_LAUNCHED"];

// `upswarm … | head`: the reader went away. The work goes on and its exit code stands; there is just nobody to tell.
for (const stream of [process.stdout, process.stderr]) {
  stream.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code !== "EPIPE" && error.code !== "ERR_STREAM_DESTROYED") throw error;
  });
}

const host: Host = {
  env: process.env,
  clock: systemClock,
  stdout: { write: (text) => void process.stdout.write(text) },
  stderr: {
    write: (text) => void process.stderr.write(text),
    isTerminal: process.stderr.isTTY,
    columns: () => process.stderr.columns ?? 80,
  },
  signal: interrupts.signal,
  onReload: (listener) => interrupts.onReload(listener),
  askSecret: (question) => askSecret(question, process.stdin, process.stderr),
};

const exitCode = await runCommandLine(process.argv.slice(2), createProgram(readVersion()), host);
await Promise.all([process.stdout, process.stderr].map(drained));
// Not left to an empty event loop: a socket that closes late must not hold back a finished command.
process.exit(exitCode);

function drained(stream: NodeJS.WriteStream): Promise<void> {
  return new Promise((resolve) => {
    if (stream.destroyed || stream.writableLength === 0) resolve();
    else stream.write("", () => resolve());
  });
}
