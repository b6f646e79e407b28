// The artifact that a PATH means: itself, or, where PATH is the folder it was downloaded into, what lies in it under
// the torrent's name.

import { stat } from "node:fs/promises";
import { basename, join, resolve } from "node:path";
import type { Info } from "../metainfo/index.ts";
import { fileError } from "./cli-error.ts";

/** @throws CliError where there is nothing at all */
export async function artifactPath(path: string, info: Info): Promise<string> {
  const stats = await stat(path).catch((error: unknown) => {
    throw fileError(error, path, "read");
  });
  if (!stats.isDirectory() || basename(resolve(path)) === info.name) return path;
  const inside = join(path, info.name);
  const found = await stat(inside).catch(() => null);
  return found !== null && found.isDirectory() === info.layout.isFolder ? inside : path;
}
