// What a torrent is (BEP 3, 9, 47, 52, 53): metainfo in and out, piece arithmetic, Merkle trees, magnet links. Pure:
// hashing the payload's files is storage's work, over the layout made here.

export { buildInfo, buildMetainfo, encodeMetainfo } from "./build.ts";
export type { InfoOptions, MetainfoOptions, PayloadHashes } from "./build.ts";
export { MagnetError, MetainfoError } from "./errors.ts";
export type { MagnetErrorCode, MetainfoErrorCode } from "./errors.ts";
export { parseInfo } from "./info.ts";
export { createLayout } from "./layout.ts";
export type { LayoutEntry, LayoutInput } from "./layout.ts";
export { formatMagnet, magnetOf } from "./magnet.ts";
export { parseMagnet } from "./magnet-parse.ts";
export type { FileRange, Magnet, MagnetFields } from "./magnet.ts";
export { MERKLE_HASH_BYTES, merkleRoot, parentLayer, pieceLayer, pieceLevel, treeHeight, zeroHash } from "./merkle.ts";
export { MerkleTree, provenRange, uncleCount, verifyProof } from "./merkle-proof.ts";
export type { HashRange } from "./merkle-proof.ts";
export { parseMetainfo } from "./metainfo.ts";
export { checkPathElement } from "./path-element.ts";
export { layOutPayload } from "./payload.ts";
export type { Payload, PayloadEntry, PayloadInput } from "./payload.ts";
export { pieceHash } from "./piece-hash.ts";
export type { PieceHashOptions } from "./piece-hash.ts";
export { verifyPieceLayer } from "./piece-layers.ts";
export { defaultPieceLength } from "./piece-length.ts";
export { buildTwin, deriveTwin, isTwinOf } from "./twin.ts";
export type { Info, Layout, Metainfo, MetainfoVersion, PieceHash, Segment, TorrentFile } from "./types.ts";
