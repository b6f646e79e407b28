// What a command gets besides its arguments, and what the process around it must offer. Commands never touch
// process, stdout or signals themselves, so they run in tests as they run in a terminal.

import type { Clock, Log } from "../core/index.ts";
import type { Command, Options } from "./framework/command.ts";
import type { Sources } from "./framework/settings.ts";
import type { Board } from "./output/board.ts";
import type { ProgressSample } from "./output/progress.ts";

/** The process, as far as the command line uses it. */
export interface Host {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly clock: Clock;
  readonly stdout: { write(text: string): void };
  readonly stderr: {
    write(text: string): void;
    readonly isTerminal: boolean;
    /** Columns of the terminal now. */
    columns(): number;
  };
  /** What was typed at the terminal, unseen; null where standard input is none. @throws InterruptedError */
  askSecret(question: string): Promise<string | null>;
  /** Aborted by the first SIGINT, SIGTERM or SIGHUP, with an InterruptedError. */
  readonly signal: AbortSignal;
  /** From then on SIGHUP calls the listener instead of ending the command. */
  onReload(listener: () => void): void;
}

export interface Context {
  /** Aborted when the person or the supervisor wants the command to end. */
  readonly signal: AbortSignal;
  readonly log: Log;
  readonly clock: Clock;
  /** The result on stdout: the object with --json, else the text. */
  print(result: object, text: string): void;
  /** The result is that something is wrong: a sentence on stderr, and with --json {error: {code, message}, …details}. */
  fail(code: string, message: string, details?: object): void;
  /** A sentence on stderr, unless --quiet. */
  note(sentence: string): void;
  /** Shows progress, as --progress says, until disposed. `sample` is asked a few times a second. */
  follow(sample: () => ProgressSample): Disposable;
  /** Several lines that are redrawn in place. */
  board(): Board;
  onReload(listener: () => void): void;
  /** What was typed at the terminal, unseen; null where standard input is none. @throws InterruptedError */
  askSecret(question: string): Promise<string | null>;
  /** For `help`, `completion` and `config`, which speak of the program itself. */
  readonly program: Program;
  readonly sources: Sources;
}

export interface Program {
  readonly version: string;
  readonly commands: readonly Command[];
  /** The options that every command has. */
  readonly common: Options;
}
