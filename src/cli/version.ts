// The version, from package.json: the same relative path from src/cli and from dist/cli.

import { readFileSync } from "node:fs";

export function readVersion(): string {
  const { version } = JSON.parse(readFileSync(new URL("../../package.json", import.meta.url), "utf8")) as {
    version: string;
  };
  return version;
}
