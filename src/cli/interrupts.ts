// Signals. The first SIGINT, SIGTERM or SIGHUP asks the command to end cleanly; the second ends the process at once,
// and so does a clean end that takes too long.
// One wish to stop often comes twice: a Ctrl-C in a terminal reaches the launcher too, which passes it on over its
// channel, and `timeout` signals the process and then its group. So each origin (the system, the launcher) is counted
// alone and the higher count holds, and what follows within a moment of the last one from there is its echo.

import { CLEAN_END_MS_MAX, INTERRUPT_ECHO_MS, type Clock } from "../core/index.ts";
import { INTERRUPTED, InterruptedError } from "./exit-codes.ts";

const signals = ["SIGINT", "SIGTERM", "SIGHUP"] as const;
type StopSignal = (typeof signals)[number];
type Origin = "system" | "launcher";

/** What is used of `process`. */
export interface SignalSource extends Pick<NodeJS.EventEmitter, "on"> {
  exit(code: number): void;
  readonly channel?: { unref(): void } | null | undefined;
}

export class Interrupts {
  readonly #abort = new AbortController();
  readonly #counts: Record<Origin, number> = { system: 0, launcher: 0 };
  readonly #lastAt: Record<Origin, number> = { system: -Infinity, launcher: -Infinity };
  readonly #clock: Clock;
  readonly #source: SignalSource;
  #reload: (() => void) | null = null;

  constructor(source: SignalSource, clock: Clock) {
    this.#clock = clock;
    this.#source = source;
    for (const name of signals) source.on(name, () => this.#receive("system", name));
  }

  get signal(): AbortSignal {
    return this.#abort.signal;
  }

  /** From now on SIGHUP means: read your files again. */
  onReload(listener: () => void): void {
    this.#reload = listener;
  }

  /** This process was started by the launcher: obey what it passes on, and end when it is gone (killed with -9). */
  followLauncher(): void {
    this.#source.on("message", (message: unknown) => {
      const name = (message as { signal?: unknown } | null)?.signal;
      if (signals.includes(name as StopSignal)) this.#receive("launcher", name as StopSignal);
    });
    this.#source.on("disconnect", () => this.#source.exit(INTERRUPTED));
    // The channel alone must not keep a finished command alive.
    this.#source.channel?.unref();
  }

  #receive(origin: Origin, name: StopSignal): void {
    if (name === "SIGHUP" && this.#reload !== null) {
      this.#reload();
      return;
    }
    const now = this.#clock.now();
    const isEcho = now - this.#lastAt[origin] < INTERRUPT_ECHO_MS;
    this.#lastAt[origin] = now;
    if (isEcho) return;
    this.#counts[origin]++;
    const count = Math.max(this.#counts.system, this.#counts.launcher);
    if (count >= 2) this.#source.exit(INTERRUPTED);
    else if (!this.#abort.signal.aborted) this.#stop(name);
  }

  #stop(name: StopSignal): void {
    setTimeout(() => this.#source.exit(INTERRUPTED), CLEAN_END_MS_MAX).unref();
    this.#abort.abort(new InterruptedError("interrupted", `Stopped by ${name} before it was done.`));
  }
}
