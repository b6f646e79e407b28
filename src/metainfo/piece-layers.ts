// `piece layers` (BEP 52): for each file longer than a piece the hashes of its pieces, by the file's root.
//
// Invariant: a layer that passes has one hash a piece and its tree has the root that the info names. An entry for no
// file is refused: it would be carried along unchecked.

import type { BencodeDict } from "../bencode/index.ts";
import { MetainfoError, shown } from "./errors.ts";
import { MERKLE_HASH_BYTES, merkleRoot, pieceLevel } from "./merkle.ts";
import type { Layout, TorrentFile } from "./types.ts";

/** @throws MetainfoError `metainfo.piece-layers` */
export function readPieceLayers(root: BencodeDict, layout: Layout): ReadonlyMap<string, Buffer> {
  const dict = root.dict("piece layers");
  if (dict === undefined && root.has("piece layers")) {
    throw new MetainfoError("metainfo.piece-layers", '"piece layers" is no dictionary.');
  }
  const layers = new Map<string, Buffer>();
  for (const file of layout.files) {
    if (file.piecesRoot === null || file.lengthBytes <= layout.pieceLengthBytes) continue;
    const hex = file.piecesRoot.toString("hex");
    const layer = dict?.bytes(file.piecesRoot.toString("latin1"));
    if (layer === undefined) throw refuse(file, "is missing");
    if (layer.length !== pieceLayerLength(layout, file)) {
      throw refuse(file, `has ${layer.length} bytes where ${pieceLayerLength(layout, file)} are due`);
    }
    // Equal files share a root and a layer.
    if (layers.has(hex)) continue;
    if (!verifyPieceLayer(layer, file.piecesRoot, layout.pieceLengthBytes))
      throw refuse(file, "does not lead to the file's root");
    layers.set(hex, layer);
  }
  if (dict !== undefined && dict.size !== layers.size) {
    throw new MetainfoError(
      "metainfo.piece-layers",
      `"piece layers" has ${dict.size} entries; ${layers.size} are due: one for each file longer than a piece.`,
    );
  }
  return layers;
}

function pieceLayerLength(layout: Layout, file: TorrentFile): number {
  return Math.ceil(file.lengthBytes / layout.pieceLengthBytes) * MERKLE_HASH_BYTES;
}

/** True where the hashes of a file's pieces lead to its root. */
export function verifyPieceLayer(layer: Buffer, piecesRoot: Buffer, pieceLengthBytes: number): boolean {
  return merkleRoot(layer, pieceLevel(pieceLengthBytes)).equals(piecesRoot);
}

function refuse(file: TorrentFile, fault: string): MetainfoError {
  return new MetainfoError("metainfo.piece-layers", `The piece layer of the file ${shown(file.path)} ${fault}.`);
}
