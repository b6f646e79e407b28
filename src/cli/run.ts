// From argv to an exit code. The one boundary where errors become a sentence on stderr, an object on stdout (--json)
// and a code.

import { messageOf } from "../core/index.ts";
import { commonOptions } from "./common-options.ts";
import type { Context, Host, Program } from "./context.ts";
import { codeOf, DONE, exitCodeOf, INTERRUPTED, USAGE, type ExitCode } from "./exit-codes.ts";
import type { Command, Input, Options, Positionals, Value } from "./framework/command.ts";
import { readConfigFiles } from "./framework/config-file.ts";
import { commandHelp, programHelp } from "./framework/help.ts";
import { checkComplete, findCommand, parseLine } from "./framework/parse.ts";
import { resolveOptions, settingsOf, type Sources } from "./framework/settings.ts";
import { Output, type OutputSettings } from "./output/output.ts";

/** Runs one command line to its end. Never throws; a command that ends because the host's signal was aborted gives 130. */
export async function runCommandLine(argv: readonly string[], program: Program, host: Host): Promise<ExitCode> {
  const words = argv.includes("--") ? argv.slice(0, argv.indexOf("--")) : argv;
  // Even an error in the options themselves is told in the form that was asked for.
  const output = new Output(host, words.includes("--json"));
  let command: Command | null = null;
  try {
    const found = findCommand(argv, program.commands, program.common);
    command = found?.command ?? null;
    // Of `publish` it is the release's.
    if (words.includes("--version") && command?.options["version"] === undefined) {
      output.print({ version: program.version }, program.version);
      return DONE;
    }
    if (found !== null) return await runCommand(found.command, found.rest, { program, host, output });
    if (!words.includes("--help") && !words.includes("-h")) return withoutCommand(output);
    output.text(programHelp(program));
    return DONE;
  } catch (error) {
    return report(error, command, host, output);
  }
}

interface Surroundings {
  readonly program: Program;
  readonly host: Host;
  readonly output: Output;
}

async function runCommand(command: Command, argv: readonly string[], around: Surroundings): Promise<ExitCode> {
  const { program, host, output } = around;
  const line = parseLine(argv, command, program.common);
  if (line.flags.has("help")) {
    output.text(commandHelp(command, program));
    return DONE;
  }
  checkComplete(command, line);
  const named = line.flags.get("config")?.at(-1) ?? (host.env["UPSWARM_CONFIG"] || null);
  const files = readConfigFiles(
    named,
    host.env,
    settingsOf([program.common, ...program.commands.map((it) => it.options)]),
  );
  const sources: Sources = { flags: line.flags, env: host.env, files };
  const own = command.options;
  const common = Object.fromEntries(Object.entries(commonOptions).filter(([key]) => own[key] === undefined));
  output.configure(valuesOf(common, sources) as unknown as OutputSettings, command.jsonLines ?? 1);
  const names = Object.keys(command.positionals);
  const positionals = Object.fromEntries(names.map((name, index) => [name, line.positionals[index] ?? null]));
  const input = { positionals, options: valuesOf(command.options, sources) } as unknown as Input<Positionals, Options>;
  const code = await command.run(input, contextOf(command.name, around, sources));
  return code ?? DONE;
}

function contextOf(command: string, { program, host, output }: Surroundings, sources: Sources): Context {
  return {
    signal: host.signal,
    log: output.log,
    clock: host.clock,
    print: (result, text) => output.print(result, text),
    fail: (code, message, details) => output.fail(code, message, command, details),
    note: (sentence) => output.note(sentence),
    follow: (sample) => output.follow(sample),
    board: () => output.board(),
    onReload: (listener) => host.onReload(listener),
    askSecret: (question) => host.askSecret(question),
    program,
    sources,
  };
}

function valuesOf(options: Options, sources: Sources): Record<string, Value> {
  return Object.fromEntries([...resolveOptions(options, sources)].map(([key, { value }]) => [key, value]));
}

function withoutCommand(output: Output): ExitCode {
  output.fail("usage.command", "Which command? upswarm --help lists them.", null);
  return USAGE;
}

function report(error: unknown, command: Command | null, host: Host, output: Output): ExitCode {
  const exitCode = exitCodeOf(error);
  const name = command?.name ?? null;
  if (exitCode === INTERRUPTED || host.signal.aborted) {
    // What fails on the way out is worth a line, but it was the interruption that ended the command.
    if (exitCode !== INTERRUPTED) output.note(messageOf(error));
    output.fail("interrupted", messageOf(host.signal.aborted ? host.signal.reason : error), name);
    return INTERRUPTED;
  }
  const pointer = name === null ? "upswarm --help" : `upswarm help ${name}`;
  const message = messageOf(error);
  output.fail(codeOf(error), exitCode === USAGE ? `${message} See ${pointer}.` : message, name);
  if (codeOf(error) === "internal" && error instanceof Error) output.note(error.stack ?? "");
  for (let cause = causeOf(error); cause !== undefined; cause = causeOf(cause)) {
    output.log.write("debug", "cause", { message: messageOf(cause) });
  }
  return exitCode;
}

function causeOf(error: unknown): unknown {
  return error instanceof Error ? error.cause : undefined;
}
