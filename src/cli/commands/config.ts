// `upswarm config`: each setting's value and where it comes from.

import { defineCommand, flagName, variableName, type Command, type Options } from "../framework/command.ts";
import { configPaths } from "../framework/config-file.ts";
import { PASSPHRASE_VARIABLE } from "../passphrase.ts";
import { resolveOptions, settingsOf, type Source, type Sources } from "../framework/settings.ts";

/** `settings`: those of every other command, so that a flag given here shows as the source too. */
export function createConfigCommand(settings: Options): Command {
  return defineCommand({
    name: "config",
    summary: "show each setting, its value and which source provided it",
    description: [
      "A setting comes from its option, else from its UPSWARM_* variable, else from the config file, else from its default. " +
        'The config file is one JSON object whose keys are the options without the dashes: {"max-upload": "20mbit"}. ' +
        "It is read from $XDG_CONFIG_HOME/upswarm/config.json (~/.config where that is not set), then from " +
        "/etc/upswarm/config.json; --config FILE or UPSWARM_CONFIG names another one, which is then the only one.",
    ],
    positionals: {},
    options: settings,
    examples: [
      { line: "upswarm config", does: "what holds here" },
      { line: "UPSWARM_MAX_UPLOAD=20mbit upswarm config --json", does: "the same, for a program" },
    ],
    json: [
      "settings: by name, each {value, source, from, variable}; source is flag, variable, file or default; from names the option, the variable or the file",
      "files: the config files that were read; searched: where they are looked for; unknownVariables: UPSWARM_* that are no setting",
    ],
    async run(_input, context) {
      const { program, sources } = context;
      const rows = shownSettings({ ...settingsOf([program.common]), ...settings }, sources);
      const files = sources.files.map((file) => file.path);
      const searched = configPaths(sources.env);
      const width = Math.max(...rows.map(({ name }) => name.length));
      const lines = rows.map(({ name, value, source, from }) => {
        const origin = from === null ? source : `${source} ${from}`;
        return `${name.padEnd(width)}  ${String(value ?? "(none)").padEnd(20)}${origin}`;
      });
      const unknownVariables = unknownAmong(sources.env, rows);
      const warnings = unknownVariables.map((variable) => `${variable} is set, but there is no such setting.`);
      const read = files.length === 0 ? `No config file (${searched.join(", ")}).` : `Read: ${files.join(", ")}`;
      const byName = Object.fromEntries(rows.map(({ name, ...rest }) => [name, rest]));
      context.print(
        { settings: byName, files, searched, unknownVariables },
        [...lines, "", read, ...warnings].join("\n"),
      );
    },
  });
}

interface ShownSetting {
  readonly name: string;
  /** As it would be written: 20mbit, not 2500000. */
  readonly value: string | boolean | null;
  readonly source: Source;
  readonly from: string | null;
  readonly variable: string;
}

/** A slip in a variable's name would otherwise go unnoticed. */
function unknownAmong(env: Sources["env"], known: readonly ShownSetting[]): string[] {
  const names = new Set(["UPSWARM_CONFIG", PASSPHRASE_VARIABLE, ...known.map(({ variable }) => variable)]);
  return Object.keys(env).filter((name) => name.startsWith("UPSWARM_") && !names.has(name));
}

function shownSettings(settings: Options, sources: Sources): ShownSetting[] {
  return [...resolveOptions(settings, sources)].map(([key, { text, value, source, from }]) => {
    const shown = typeof value === "boolean" ? value : text;
    return { name: flagName(key), value: shown, source, from, variable: variableName(key) };
  });
}
