// The info dictionary, validated (BEP 3, 52): from the bytes that the info-hash is of to a value that cannot harm.
//
// Invariant: an Info names only files inside its own folder (path-tree.ts), its arithmetic is exact, and its hashes
// are those of exactly the bytes received. Whether anyone should trust it is not said here: that is its hash's affair.

import { hash } from "node:crypto";
import { isUtf8 } from "node:buffer";
import { BencodeDict } from "../bencode/index.ts";
import {
  INFO_LENGTH_MAX_BYTES,
  parseInfoHash,
  parseInfoHashV2,
  PIECE_COUNT_MAX,
  PIECE_LENGTH_MAX_BYTES,
  PIECE_LENGTH_V1_MIN_BYTES,
  PIECE_LENGTH_V2_MIN_BYTES,
} from "../core/index.ts";
import { decodeMetainfo } from "./document.ts";
import { MetainfoError } from "./errors.ts";
import { requireBytes, requireDict, requireInt } from "./fields.ts";
import { readFilesV1 } from "./files-v1.ts";
import { readFilesV2 } from "./files-v2.ts";
import { joinHalves } from "./hybrid.ts";
import { createLayout } from "./layout.ts";
import type { LayoutInput } from "./layout.ts";
import { parsePathElement } from "./path-element.ts";
import { checkTree } from "./path-tree.ts";
import type { Info, MetainfoVersion } from "./types.ts";

export const SHA1_BYTES = 20;

/** From the bytes of an info dictionary as peers send it (BEP 9). @throws MetainfoError */
export function parseInfo(infoBytes: Buffer): Info {
  return readInfo(decodeMetainfo(infoBytes, INFO_LENGTH_MAX_BYTES, "The info dictionary"), infoBytes);
}

/** From a decoded info dictionary and the bytes it came from. @throws MetainfoError */
export function readInfo(info: BencodeDict, infoBytes: Buffer): Info {
  // First of all, so that what is newer than this program is called that and not broken (BEP 52).
  const version = readVersion(info);
  const name = readName(info);
  const pieceLengthBytes = checkPieceLength(requireInt(info, "piece length", "The info"), version);
  const layoutInput = readLayout(info, version, name, pieceLengthBytes);
  checkTree(name, layoutInput.entries);
  checkPieceCount(layoutInput);
  const layout = createLayout(layoutInput);
  return {
    version,
    infoHashV1: version === "2" ? null : parseInfoHash(hash("sha1", infoBytes, "hex")),
    infoHashV2: version === "1" ? null : parseInfoHashV2(hash("sha256", infoBytes, "hex")),
    infoBytes,
    name,
    private: info.int("private") !== undefined && info.int("private") !== 0,
    layout,
    pieces: version === "2" ? null : readPieces(info, layout.pieceCount),
  };
}

function readVersion(info: BencodeDict): MetainfoVersion {
  if (!info.has("meta version")) return "1";
  const version = info.get("meta version");
  if (version !== 2) {
    const shown = typeof version === "number" || typeof version === "bigint" ? String(version) : "no number";
    const newer = typeof version === "bigint" ? version > 0 : typeof version === "number" && version > 2;
    throw new MetainfoError(
      "metainfo.version",
      newer
        ? `The torrent is of meta version ${shown}, which is newer than this program knows (2).`
        : `The torrent's meta version is ${shown}; only 2 is defined.`,
    );
  }
  return info.has("pieces") || info.has("files") || info.has("length") ? "hybrid" : "2";
}

function readName(info: BencodeDict): string {
  const utf8 = info.bytes("name.utf-8");
  const bytes = utf8 !== undefined && utf8.length > 0 && isUtf8(utf8) ? utf8 : requireBytes(info, "name", "The info");
  return parsePathElement(bytes, "The torrent's name");
}

/** @throws MetainfoError `metainfo.piece-length` */
export function checkPieceLength(lengthBytes: number, version: MetainfoVersion): number {
  const least = version === "1" ? PIECE_LENGTH_V1_MIN_BYTES : PIECE_LENGTH_V2_MIN_BYTES;
  if (!Number.isInteger(lengthBytes) || lengthBytes < least || lengthBytes > PIECE_LENGTH_MAX_BYTES) {
    throw new MetainfoError(
      "metainfo.piece-length",
      `The piece length is ${lengthBytes}; it must be from ${least} to ${PIECE_LENGTH_MAX_BYTES} bytes.`,
    );
  }
  if (version !== "1" && !Number.isInteger(Math.log2(lengthBytes))) {
    throw new MetainfoError(
      "metainfo.piece-length",
      `The piece length is ${lengthBytes}, which is no power of two, as v2 demands.`,
    );
  }
  return lengthBytes;
}

function readLayout(info: BencodeDict, version: MetainfoVersion, name: string, pieceLengthBytes: number): LayoutInput {
  if (version === "1") {
    return { ...readFilesV1(info, name, pieceLengthBytes), pieceLengthBytes, placement: "listed" };
  }
  const v2 = readFilesV2(requireDict(info, "file tree", "The info"), name);
  if (version === "2") return { ...v2, pieceLengthBytes, placement: "aligned" };
  const v1 = readFilesV1(info, name, pieceLengthBytes);
  return { ...joinHalves(v1, v2, pieceLengthBytes), pieceLengthBytes, placement: "listed" };
}

/** Before the layout, so that no table is made for an absurd number of pieces. @throws MetainfoError `metainfo.piece-count` */
export function checkPieceCount({ entries, pieceLengthBytes, placement }: LayoutInput): void {
  let count = 0;
  let space = 0;
  for (const entry of entries) {
    count += Math.ceil(entry.lengthBytes / pieceLengthBytes);
    space += entry.lengthBytes;
  }
  const pieceCount = placement === "aligned" ? count : Math.ceil(space / pieceLengthBytes);
  if (pieceCount > PIECE_COUNT_MAX) {
    throw new MetainfoError(
      "metainfo.piece-count",
      `The torrent has ${pieceCount} pieces, more than the ${PIECE_COUNT_MAX} allowed.`,
    );
  }
}

function readPieces(info: BencodeDict, pieceCount: number): Buffer {
  const pieces = requireBytes(info, "pieces", "The info");
  if (pieces.length !== pieceCount * SHA1_BYTES) {
    throw new MetainfoError(
      "metainfo.pieces",
      `"pieces" has ${pieces.length} bytes; ${pieceCount} pieces take ${pieceCount * SHA1_BYTES}.`,
    );
  }
  return pieces;
}
