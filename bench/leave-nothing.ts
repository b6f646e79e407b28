// What a bench made is taken away when its process ends, also where it is interrupted or killed with SIGTERM: machines that
// nobody waits for any more would go on for an hour, and their payload is memory. While it runs, each bench tidies up by
// itself.

import type { ChildProcess } from "node:child_process";
import { constants } from "node:os";
import { mkdtempSync, rmSync } from "node:fs";

const leftovers = new Set<() => void>();

// The last first: processes before the folder that they write to, and namespaces when nobody is in them.
process.on("exit", () => {
  for (const remove of [...leftovers].toReversed()) {
    try {
      remove();
    } catch (error) {
      console.error(error);
    }
  }
});
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
  process.once(signal, () => process.exit(128 + constants.signals[signal]));
}

/** What it throws then is shown, and the rest is removed all the same. It may have been called before. */
export function removeAtExit(remove: () => void): void {
  leftovers.add(remove);
}

/** A new folder whose name begins so. */
export function benchFolder(start: string): string {
  const folder = mkdtempSync(start);
  removeAtExit(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** A process that does not outlive this one. */
export function owned<Child extends ChildProcess>(child: Child): Child {
  const remove = (): void => void child.kill("SIGKILL");
  removeAtExit(remove);
  child.once("close", () => leftovers.delete(remove));
  return child;
}
