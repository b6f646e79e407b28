// Why a torrent or a magnet link was refused. One code for each kind of fault; the message names the file or the key.

import { CodedError } from "../core/index.ts";

export type MetainfoErrorCode =
  /** Larger than a limit: the document, its depth or its number of values. */
  | "metainfo.size"
  /** No strict bencoding. */
  | "metainfo.syntax"
  /** A key is missing or holds another type of value. */
  | "metainfo.field"
  /** `meta version` is newer than we know, or none. */
  | "metainfo.version"
  | "metainfo.piece-length"
  | "metainfo.piece-count"
  | "metainfo.pieces"
  | "metainfo.piece-layers"
  | "metainfo.pieces-root"
  | "metainfo.file-tree"
  | "metainfo.file-count"
  | "metainfo.file-length"
  | "metainfo.attr"
  | "metainfo.pad"
  | "metainfo.symlink"
  /** No bytes at all. */
  | "metainfo.empty"
  | "metainfo.path-empty"
  | "metainfo.path-dot"
  | "metainfo.path-separator"
  | "metainfo.path-control"
  | "metainfo.path-invisible"
  | "metainfo.path-reserved"
  | "metainfo.path-device"
  | "metainfo.path-trailing"
  | "metainfo.path-encoding"
  | "metainfo.path-length"
  | "metainfo.path-depth"
  | "metainfo.path-duplicate"
  | "metainfo.path-conflict"
  /** The two halves of a hybrid torrent describe different things. */
  | "metainfo.hybrid"
  | "metainfo.alignment"
  /** What was asked for cannot be written as a torrent, or has no twin. */
  | "metainfo.unrepresentable";

export class MetainfoError extends CodedError<MetainfoErrorCode> {}

export type MagnetErrorCode =
  | "magnet.size"
  | "magnet.syntax"
  | "magnet.encoding"
  | "magnet.hash"
  | "magnet.no-hash"
  | "magnet.name"
  | "magnet.peer"
  | "magnet.select"
  | "magnet.length";

export class MagnetError extends CodedError<MagnetErrorCode> {}

/** A name or path for a message: quoted, control characters escaped, not endless. */
export function shown(text: string | readonly string[]): string {
  const whole = typeof text === "string" ? text : text.join("/");
  const escaped = JSON.stringify(whole).replace(
    /[\p{Cc}\p{Cf}]/gu,
    (character) => `\\u{${character.codePointAt(0)?.toString(16)}}`,
  );
  return escaped.length > 200 ? `${escaped.slice(0, 200)}…"` : escaped;
}
