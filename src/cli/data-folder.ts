// Where this person's data lies, as the XDG Base Directory Specification says: what is trusted of each origin, so far.

import { isAbsolute, join } from "node:path";
import { CliError } from "./cli-error.ts";

type Environment = Readonly<Record<string, string | undefined>>;

/** `$XDG_DATA_HOME/upswarm/trust`, or below `~/.local/share`. @throws CliError where there is neither */
export function trustFolder(env: Environment): string {
  const xdg = env["XDG_DATA_HOME"];
  const home = env["HOME"] ?? env["USERPROFILE"];
  const base = xdg !== undefined && isAbsolute(xdg) ? xdg : home && join(home, ".local", "share");
  if (!base) throw new CliError("cli.not-found", "Neither XDG_DATA_HOME nor HOME says where data belongs.");
  return join(base, "upswarm", "trust");
}
