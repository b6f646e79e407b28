// stdout and stderr, with their discipline: with --json stdout carries the announced number of objects, one a line,
// and nothing else; everything else goes to stderr.

import { styleText } from "node:util";
import { silentLog, type Log } from "../../core/index.ts";
import type { Host } from "../context.ts";
import { createBoard, type Board } from "./board.ts";
import { createLog } from "./log.ts";
import { followProgress, type ProgressMode, type ProgressSample } from "./progress.ts";
import { printable, StatusLine } from "./status-line.ts";

export interface OutputSettings {
  readonly quiet: boolean;
  readonly verbose: boolean;
  readonly log: "text" | "json";
  readonly progress: ProgressMode;
}

export class Output {
  readonly #host: Host;
  readonly #json: boolean;
  readonly #status: StatusLine;
  readonly #color: boolean;
  #settings: OutputSettings = { quiet: false, verbose: false, log: "text", progress: "none" };
  #objectsLeft = 1;
  log: Log = silentLog;

  constructor(host: Host, json: boolean) {
    this.#host = host;
    this.#json = json;
    this.#status = new StatusLine((text) => host.stderr.write(text));
    this.#color = host.stderr.isTerminal && !host.env["NO_COLOR"] && host.env["TERM"] !== "dumb";
  }

  /** Once the common options are known. `objects` is how many the command may print with --json. */
  configure(settings: OutputSettings, objects: number): void {
    this.#settings = settings;
    this.#objectsLeft = objects;
    const level = settings.verbose ? "debug" : settings.quiet ? "error" : settings.log === "json" ? "info" : "warn";
    this.log = createLog({ status: this.#status, clock: this.#host.clock, format: settings.log, level });
  }

  /** A result: the object with --json, else the text. */
  print(result: object, text: string): void {
    if (!this.#json) return this.text(text);
    this.#objectsLeft--;
    this.#host.stdout.write(`${JSON.stringify(result)}\n`);
  }

  /** Text on stdout: help, a completion script, or a result for a person. */
  text(text: string): void {
    this.#host.stdout.write(`${printable(text)}\n`);
  }

  note(sentence: string): void {
    if (!this.#settings.quiet) this.#status.line(printable(sentence));
  }

  /** The failure on stderr; with --json also on stdout, as long as the command still owes an object. */
  fail(code: string, message: string, command: string | null, details: object = {}): void {
    const name = command === null ? "upswarm" : `upswarm ${command}`;
    const label = this.#color ? styleText("red", `${name}:`, { validateStream: false }) : `${name}:`;
    this.#status.line(`${label} ${printable(message)}`);
    if (this.#json && this.#objectsLeft > 0) this.print({ error: { code, message }, ...details }, "");
  }

  /** Several lines redrawn in place; silent with --quiet and --progress none. */
  board(): Board {
    const isSilent = this.#settings.quiet || this.#settings.progress === "none";
    return createBoard({
      write: (text) => (isSilent ? undefined : this.#host.stderr.write(text)),
      isTerminal: this.#host.stderr.isTerminal && this.#host.env["TERM"] !== "dumb",
      columns: () => this.#host.stderr.columns(),
      clock: this.#host.clock,
    });
  }

  follow(sample: () => ProgressSample): Disposable {
    const { progress, quiet } = this.#settings;
    const bar = this.#host.stderr.isTerminal && this.#host.env["TERM"] !== "dumb";
    const auto = quiet ? "none" : bar ? "bar" : "plain";
    return followProgress(sample, {
      mode: progress === "auto" ? auto : progress,
      status: this.#status,
      columns: () => this.#host.stderr.columns(),
      color: this.#color,
    });
  }
}
