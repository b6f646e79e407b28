// The pad files of a folder (BEP 47): zeros that a v1 client takes for files like any other and asks the web seed for, by
// the paths that the metainfo gives them. They lie on no disk.
//
// Invariant: every pad file that the metainfo of a release can have is there. So are lengths that it does not have, because
// the length alone decides: padding fills up a piece, so it is shorter than one. That costs nobody anything: what is sent
// is zeros, less than a piece of them, and a client asks for what its metainfo lists and checks piece hashes. Which lengths
// are listed is not looked up: a v1 client asks for a pad after nearly every file, /files has no rate limit, and parsing
// the metainfo of 50,000 files takes a second (131,072: two), in which the site, the API and the tracker stand still.

import type { Release } from "../domain.ts";
import type { OpenedFile } from "../payloads/payload-store.ts";

/** What is sent: read at an offset, like a file's handle. */
export interface SentFile extends Pick<OpenedFile, "lengthBytes"> {
  readonly handle: Pick<OpenedFile["handle"], "read" | "close">;
}

/** `path`: the artifact's name and what is below. Null where the release can have no such pad file. */
export function openPadFile(
  { kind, pieceLengthBytes }: Pick<Release, "kind" | "pieceLengthBytes">,
  path: readonly string[],
): SentFile | null {
  const [, folder, name = "", ...rest] = path;
  // As metainfo writes it: any other spelling would be a second address of the same bytes.
  if (kind !== "folder" || folder !== ".pad" || rest.length > 0 || !/^[1-9]\d*$/.test(name)) return null;
  const lengthBytes = Number(name);
  return lengthBytes < pieceLengthBytes ? { lengthBytes, handle: zeros } : null;
}

const zeros: SentFile["handle"] = {
  read: (<T extends NodeJS.ArrayBufferView>(buffer: T, offset: number, length: number) => {
    Buffer.from(buffer.buffer, buffer.byteOffset, buffer.byteLength).fill(0, offset, offset + length);
    return Promise.resolve({ bytesRead: length, buffer });
  }) as SentFile["handle"]["read"],
  close: () => Promise.resolve(),
};
