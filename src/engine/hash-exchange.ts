// Merkle hashes from and for peers (BEP 52, hash request). A torrent that came by a magnet link lacks its piece layers:
// each is asked for in runs whose proof reaches the file's root, so that every answer is checked by itself.

import type { Clock } from "../core/index.ts";
import {
  HASH_REJECT_DELAY_MS,
  HASH_REJECTS_WAITING_MAX,
  HASH_REQUEST_LENGTH_MAX,
  HASH_REQUEST_TIMEOUT_MS,
  HASH_REQUESTS_MAX,
  HASH_REQUESTS_SERVED_MAX,
  HASH_RETRY_MS,
} from "../core/index.ts";
import { MERKLE_HASH_BYTES, MerkleTree, pieceLevel, provenRange, treeHeight, verifyProof } from "../metainfo/index.ts";
import type { Info, TorrentFile } from "../metainfo/index.ts";
import { BLOCK_LENGTH_BYTES } from "../core/index.ts";
import type { PieceIndex } from "../core/index.ts";
import {
  encodeHashes,
  encodeHashReject,
  encodeHashRequest,
  isSameHashRequest,
  isValidHashRequest,
} from "../wire/index.ts";
import type { HashRequest } from "../wire/index.ts";
import type { PeerSession } from "./peer-session.ts";

export interface HashExchangeDeps {
  readonly clock: Clock;
  readonly info: Info;
  /** By pieces root (hex). Layers that arrive are added. */
  readonly pieceLayers: Map<string, Buffer>;
  /** The leaf hashes of a piece that is here, else null. */
  readonly leavesOf: (piece: PieceIndex) => Promise<Buffer> | null;
  readonly onComplete: () => void;
  readonly onLiar: (session: PeerSession) => void;
}

interface Run {
  readonly file: TorrentFile;
  readonly request: HashRequest;
  session: PeerSession | null;
  askedAt: number;
}

export class HashExchange {
  readonly #deps: HashExchangeDeps;
  readonly #runs: Run[] = [];
  readonly #layers = new Map<string, { bytes: Buffer; missing: number }>();
  readonly #sources = new Set<PeerSession>();
  /** Sources that rejected a request or owed it too long, and when they are asked again. */
  readonly #resting = new Map<PeerSession, number>();
  readonly #trees = new Map<string, MerkleTree>();
  readonly #rejecting = new WeakMap<PeerSession, number>();
  readonly #served = new WeakMap<PeerSession, { second: number; count: number }>();

  constructor(deps: HashExchangeDeps) {
    this.#deps = deps;
    for (const file of this.#deps.info.layout.files) this.#plan(file);
  }

  /** True where every piece layer is here. */
  get isComplete(): boolean {
    return this.#runs.length === 0;
  }

  /** The peer speaks v2 on this connection and may be asked. */
  offer(session: PeerSession): void {
    if (this.isComplete || this.#resting.has(session)) return;
    this.#sources.add(session);
    this.#ask();
  }

  get hasSources(): boolean {
    return this.#sources.size > 0;
  }

  gone(session: PeerSession): void {
    this.#resting.delete(session);
    this.#takeBack(session);
  }

  #takeBack(session: PeerSession): void {
    this.#sources.delete(session);
    for (const run of this.#runs) if (run.session === session) run.session = null;
    this.#ask();
  }

  tick(): void {
    const now = this.#deps.clock.now();
    for (const run of this.#runs) {
      if (run.session !== null && now - run.askedAt > HASH_REQUEST_TIMEOUT_MS) this.#rest(run.session);
    }
    for (const [session, until] of this.#resting) {
      if (now < until) continue;
      this.#resting.delete(session);
      this.offer(session);
    }
  }

  /** It does not have the hashes now. It may be fetching them itself. */
  #rest(session: PeerSession): void {
    this.#resting.set(session, this.#deps.clock.now() + HASH_RETRY_MS);
    this.#takeBack(session);
  }

  /** An answer. One that was not asked for is ignored; one that does not lead to the root names a liar. */
  received(session: PeerSession, request: HashRequest, hashes: Buffer): void {
    const at = this.#runs.findIndex((run) => run.session === session && isSameHashRequest(run.request, request));
    const run = this.#runs[at];
    if (run === undefined) return;
    const blockCount = Math.ceil(run.file.lengthBytes / BLOCK_LENGTH_BYTES);
    if (!verifyProof(run.request, hashes, run.request.piecesRoot, blockCount)) {
      this.gone(session);
      this.#deps.onLiar(session);
      return;
    }
    this.#runs.splice(at, 1);
    this.#store(run, hashes);
    if (this.isComplete) this.#deps.onComplete();
    else this.#ask();
  }

  rejected(session: PeerSession, request: HashRequest): void {
    const run = this.#runs.find((one) => one.session === session && isSameHashRequest(one.request, request));
    if (run !== undefined) this.#rest(session);
  }

  /** Answers a peer's request from the piece layers, or from the leaves of a piece that is here. */
  async serve(session: PeerSession, request: HashRequest): Promise<void> {
    const proof = this.#mayServe(session) && isValidHashRequest(request) ? await this.#proof(request) : null;
    if (proof !== null) session.connection.send(encodeHashes(request, proof));
    // Not at once: libtorrent 2.0.8 repeats a rejected request as fast as the reject comes.
    else this.#rejectLater(session, request);
  }

  #rejectLater(session: PeerSession, request: HashRequest): void {
    const waiting = this.#rejecting.get(session) ?? 0;
    if (waiting >= HASH_REJECTS_WAITING_MAX) return;
    this.#rejecting.set(session, waiting + 1);
    setTimeout(() => {
      this.#rejecting.set(session, (this.#rejecting.get(session) ?? 1) - 1);
      session.connection.send(encodeHashReject(request));
    }, HASH_REJECT_DELAY_MS).unref();
  }

  async #proof(request: HashRequest): Promise<Buffer | null> {
    const { layout } = this.#deps.info;
    const root = request.piecesRoot.toString("hex");
    const file = layout.files.find((one) => one.piecesRoot?.equals(request.piecesRoot) === true);
    if (file === undefined) return null;
    const blockCount = Math.ceil(file.lengthBytes / BLOCK_LENGTH_BYTES);
    const first = layout.filePieces(file.index).first;
    if (file.lengthBytes <= layout.pieceLengthBytes) {
      const leaves = await this.#leaves(first);
      return leaves === null ? null : new MerkleTree(leaves, 0, blockCount).proof(request);
    }
    const layer = this.#deps.pieceLayers.get(root);
    if (layer === undefined) return null;
    const level = pieceLevel(layout.pieceLengthBytes);
    const tree = this.#trees.get(root) ?? new MerkleTree(layer, level, blockCount);
    this.#trees.set(root, tree);
    if (request.baseLayer >= level) return tree.proof(request);
    if (request.baseLayer !== 0) return null;
    const leaves = await this.#leaves(first + Math.floor(request.index / 2 ** level));
    return leaves === null ? null : tree.leafProof(request, leaves);
  }

  async #leaves(index: number): Promise<Buffer | null> {
    const piece = this.#deps.info.layout.pieceIndex(index);
    return piece === null ? null : ((await this.#deps.leavesOf(piece)) ?? null);
  }

  #mayServe(session: PeerSession): boolean {
    const second = Math.floor(this.#deps.clock.now() / 1_000);
    const served = this.#served.get(session);
    const count = served?.second === second ? served.count + 1 : 1;
    this.#served.set(session, { second, count });
    return count <= HASH_REQUESTS_SERVED_MAX;
  }

  /** Cuts a file's missing piece layer into runs. */
  #plan(file: TorrentFile): void {
    const { layout } = this.#deps.info;
    if (file.piecesRoot === null || file.lengthBytes <= layout.pieceLengthBytes) return;
    const root = file.piecesRoot.toString("hex");
    if (this.#deps.pieceLayers.has(root) || this.#layers.has(root)) return;
    const pieces = Math.ceil(file.lengthBytes / layout.pieceLengthBytes);
    const level = pieceLevel(layout.pieceLengthBytes);
    const blockCount = Math.ceil(file.lengthBytes / BLOCK_LENGTH_BYTES);
    const width = 2 ** (treeHeight(blockCount) - level);
    const length = Math.min(HASH_REQUEST_LENGTH_MAX, width);
    this.#layers.set(root, { bytes: Buffer.alloc(pieces * MERKLE_HASH_BYTES), missing: 0 });
    for (let index = 0; index < pieces; index += length) {
      const range = provenRange(level, index, length, blockCount);
      this.#runs.push({ file, request: { ...range, piecesRoot: file.piecesRoot }, session: null, askedAt: 0 });
      const layer = this.#layers.get(root);
      if (layer !== undefined) layer.missing++;
    }
  }

  #store(run: Run, hashes: Buffer): void {
    const root = run.request.piecesRoot.toString("hex");
    const layer = this.#layers.get(root);
    if (layer === undefined) return;
    const at = run.request.index * MERKLE_HASH_BYTES;
    hashes.copy(layer.bytes, at, 0, Math.min(run.request.length * MERKLE_HASH_BYTES, layer.bytes.length - at));
    if (--layer.missing === 0) this.#deps.pieceLayers.set(root, layer.bytes);
  }

  #ask(): void {
    for (const session of this.#sources) {
      let open = this.#runs.filter((run) => run.session === session).length;
      for (const run of this.#runs) {
        if (open >= HASH_REQUESTS_MAX) break;
        if (run.session !== null) continue;
        run.session = session;
        run.askedAt = this.#deps.clock.now();
        session.connection.send(encodeHashRequest(run.request));
        open++;
      }
    }
  }
}
