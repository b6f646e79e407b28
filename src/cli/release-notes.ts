// Release notes from a file: plain text, shown as such.

import { open } from "node:fs/promises";
import { RELEASE_NOTES_CHARACTERS_MAX } from "../core/index.ts";
import { fileError } from "./cli-error.ts";
import { UsageError } from "./framework/usage-error.ts";

/** Null where the file says nothing. @throws CliError; UsageError where they are too long */
export async function readNotes(path: string): Promise<string | null> {
  let text: string;
  try {
    await using file = await open(path);
    // A disk image that was named by mistake must not be read into memory. A character has at most four bytes.
    const bytes = Buffer.alloc(4 * RELEASE_NOTES_CHARACTERS_MAX + 1);
    const { bytesRead } = await file.read(bytes);
    text = bytes.subarray(0, bytesRead).toString("utf8").trim();
  } catch (error) {
    throw fileError(error, path, "read");
  }
  if (text.length <= RELEASE_NOTES_CHARACTERS_MAX) return text === "" ? null : text;
  throw new UsageError(
    "usage.value",
    `${path}: release notes have at most ${RELEASE_NOTES_CHARACTERS_MAX} characters.`,
  );
}
