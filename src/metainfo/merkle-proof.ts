// Hash requests and their answers (BEP 52, "hash request", "hashes"): some hashes of one layer of a file's tree and
// the uncle hashes that join them to the root.
//
//   level 3            R              base layer 0, index 2, length 2, proof layers 2
//   level 2        N       U2         sent: the two hashes h, then U1, then U2
//   level 1     U1   n   .   .
//   level 0    . . h h  . . . .
//
// The layers that the requested hashes cover whole are counted as proof layers but not sent: the first
// log2(length) - 1 of them. As libtorrent does, hashes beyond the end of the file are sent as well, as the zero hash of
// their layer, so that a list is always as long as was asked for.

import { HASH_REQUEST_LENGTH_MAX } from "../core/index.ts";
import { MERKLE_HASH_BYTES, merkleRoot, parentLayer, treeHeight, zeroHash } from "./merkle.ts";

/** The fields of a hash request but the pieces root, which says which file it is. */
export interface HashRange {
  readonly baseLayer: number;
  readonly index: number;
  readonly length: number;
  readonly proofLayers: number;
}

/** How many uncle hashes follow the requested ones, or null where the range is none of a tree over `blockCount` blocks. */
export function uncleCount(range: HashRange, blockCount: number): number | null {
  const { baseLayer, index, length, proofLayers } = range;
  if (![baseLayer, index, length, proofLayers].every((value) => Number.isInteger(value) && value >= 0)) return null;
  const height = treeHeight(blockCount);
  if (baseLayer > height || proofLayers > height - baseLayer) return null;
  if (length < 1 || length > HASH_REQUEST_LENGTH_MAX) return null;
  const width = 2 ** (height - baseLayer);
  const span = treeHeight(length);
  // An index that is no multiple of the length would take two uncles a layer.
  if (index + length > width || index % 2 ** span !== 0) return null;
  const top = height - baseLayer - span;
  // For a single hash this is one more than asked for, its own sibling: so libtorrent counts when it asks for the one
  // hash that a request of 512 did not reach. BEP 52 wants two at least, and we ask for no fewer.
  return Math.min(Math.max(0, proofLayers - span + 1), top);
}

/**
 * A range whose proof reaches the root, so that it can be checked without knowing anything but the root. Ask for two
 * hashes at least, the second one padding if need be: libtorrent answers a request for one with an uncle too few.
 */
export function provenRange(baseLayer: number, index: number, length: number, blockCount: number): HashRange {
  return { baseLayer, index, length, proofLayers: Math.max(0, treeHeight(blockCount) - baseLayer - 1) };
}

/**
 * True where the answer to the range leads to the root. `hashes` are the requested ones and the uncles, 32 bytes each.
 * An answer whose proof ends below the root proves nothing by itself and is false.
 */
export function verifyProof(range: HashRange, hashes: Buffer, root: Buffer, blockCount: number): boolean {
  const uncles = uncleCount(range, blockCount);
  if (uncles === null || hashes.length !== (range.length + uncles) * MERKLE_HASH_BYTES) return false;
  const span = treeHeight(range.length);
  if (range.baseLayer + span + uncles !== treeHeight(blockCount)) return false;
  let node = merkleRoot(hashes.subarray(0, range.length * MERKLE_HASH_BYTES), range.baseLayer, span);
  let position = range.index / 2 ** span;
  for (let i = 0; i < uncles; i++) {
    const at = (range.length + i) * MERKLE_HASH_BYTES;
    const uncle = hashes.subarray(at, at + MERKLE_HASH_BYTES);
    node = merkleRoot(Buffer.concat(position % 2 === 0 ? [node, uncle] : [uncle, node]), range.baseLayer + span + i, 1);
    position = Math.floor(position / 2);
  }
  return node.equals(root);
}

/** A file's tree from one layer up to the root: what answers hash requests. Layers are computed when first asked for. */
export class MerkleTree {
  readonly baseLevel: number;
  readonly blockCount: number;
  readonly #layers: Buffer[];

  /** `layer`: all hashes of the level, those for padding alone left out. Level 0 for leaves, or the piece layer. */
  constructor(layer: Buffer, baseLevel: number, blockCount: number) {
    this.baseLevel = baseLevel;
    this.blockCount = blockCount;
    this.#layers = [layer];
  }

  get root(): Buffer {
    return this.#node(Math.max(treeHeight(this.blockCount), this.baseLevel), 0);
  }

  /** The payload of a `hashes` message; null where the range is none of this tree or lies below its lowest layer. */
  proof(range: HashRange): Buffer | null {
    const uncles = uncleCount(range, this.blockCount);
    if (uncles === null || range.baseLayer < this.baseLevel) return null;
    const parts: Buffer[] = [];
    for (let i = 0; i < range.length; i++) parts.push(this.#node(range.baseLayer, range.index + i));
    this.#pushUncles(parts, range, uncles);
    return Buffer.concat(parts);
  }

  /**
   * The same for leaves where the tree begins at the piece layer: `leaves` are those of the one piece in which the
   * range lies (BEP 52 asks for them to find the bad block of a piece). Null where it spans pieces.
   */
  leafProof(range: HashRange, leaves: Buffer): Buffer | null {
    const uncles = uncleCount(range, this.blockCount);
    if (uncles === null || range.baseLayer !== 0) return null;
    const width = 2 ** this.baseLevel;
    const first = range.index % width;
    if (first + range.length > width) return null;
    const piece = new MerkleTree(leaves, 0, width);
    const parts: Buffer[] = [];
    for (let i = 0; i < range.length; i++) parts.push(piece.#node(0, first + i));
    const span = treeHeight(range.length);
    const inside = Math.min(uncles, this.baseLevel - span);
    piece.#pushUncles(parts, { ...range, index: first }, inside);
    const above: HashRange = { ...range, baseLayer: this.baseLevel, index: Math.floor(range.index / width), length: 1 };
    this.#pushUncles(parts, above, uncles - inside);
    return Buffer.concat(parts);
  }

  #pushUncles(parts: Buffer[], range: HashRange, count: number): void {
    const span = treeHeight(range.length);
    let position = range.index / 2 ** span;
    for (let i = 0; i < count; i++) {
      parts.push(this.#node(range.baseLayer + span + i, position % 2 === 0 ? position + 1 : position - 1));
      position = Math.floor(position / 2);
    }
  }

  #node(level: number, index: number): Buffer {
    for (let known = this.#layers.length; known <= level - this.baseLevel; known++) {
      this.#layers.push(parentLayer(this.#layers[known - 1] as Buffer, this.baseLevel + known - 1));
    }
    const layer = this.#layers[level - this.baseLevel] as Buffer;
    const at = index * MERKLE_HASH_BYTES;
    return at < layer.length ? layer.subarray(at, at + MERKLE_HASH_BYTES) : zeroHash(level);
  }
}
