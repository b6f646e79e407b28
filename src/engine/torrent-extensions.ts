// What peers of a torrent tell each other beside the payload: the extension handshake (BEP 10), the info dictionary
// (BEP 9), Merkle hashes (BEP 52) and other peers (BEP 11). What the messages lead to is for the torrent.

import type { Clock } from "../core/index.ts";
import type { Info, Magnet, Metainfo } from "../metainfo/index.ts";
import { encodeHashReject, parsePeerExchange } from "../wire/index.ts";
import type { ExtensionHandshake, HashRequest } from "../wire/index.ts";
import { isMetainfo } from "./doors.ts";
import type { Door } from "./doors.ts";
import { HashExchange } from "./hash-exchange.ts";
import { MetadataExchange } from "./metadata-exchange.ts";
import { PeerExchange, reachableBy } from "./peer-exchange.ts";
import type { PeerSession } from "./peer-session.ts";
import type { SessionHost } from "./session-host.ts";
import type { RunningTorrent } from "./running-torrent.ts";
import type { SessionParts } from "./session-parts.ts";
import type { TorrentPeers } from "./torrent-peers.ts";

export interface TorrentExtensionsDeps {
  readonly parts: SessionParts;
  readonly source: Metainfo | Magnet;
  /** By pieces root (hex); layers that peers send are added. */
  readonly pieceLayers: Map<string, Buffer>;
  readonly doors: () => readonly Door[];
  readonly info: () => Info | null;
  readonly running: () => RunningTorrent | null;
  readonly peers: () => TorrentPeers;
  /** The bytes of the info dictionary came, and fit the info-hash. */
  readonly onInfoBytes: (bytes: Buffer) => void;
  /** Every piece layer is here. */
  readonly onLayers: () => void;
  readonly onWarning: (error: unknown) => void;
}

export class TorrentExtensions implements SessionHost {
  readonly #deps: TorrentExtensionsDeps;
  readonly #metadata: MetadataExchange;
  readonly #pex: PeerExchange = new PeerExchange();
  #hashes: HashExchange | null = null;

  constructor(deps: TorrentExtensionsDeps) {
    this.#deps = deps;
    const { source, parts } = deps;
    this.#metadata = new MetadataExchange(
      {
        clock: parts.clock,
        infoHashV1: source.infoHashV1,
        infoHashV2: source.infoHashV2,
        infoBytesFor: (session) => this.#infoBytesFor(session),
        onInfo: deps.onInfoBytes,
        onLiar: (session) => deps.peers().ban(session, "It sent metadata that does not fit the info-hash."),
      },
      isMetainfo(source),
    );
  }

  /** The piece layers that the torrent needs: here, asked for with somebody to ask, or with nobody. */
  get layers(): "complete" | "asked" | "nobody-to-ask" {
    if (this.#hashes?.isComplete !== false) return "complete";
    return this.#hashes.hasSources ? "asked" : "nobody-to-ask";
  }

  /** The metadata is known: those who are connected already are told so, and asked for hashes. */
  infoKnown(info: Info): void {
    const { parts, pieceLayers, peers, running, onLayers } = this.#deps;
    if (info.infoHashV2 !== null) {
      this.#hashes = new HashExchange({
        clock: parts.clock,
        info,
        pieceLayers,
        leavesOf: (piece) => {
          const active = running();
          return active?.swarm.have.has(piece) === true ? active.store.leaves(piece) : null;
        },
        onComplete: onLayers,
        onLiar: (session) => peers().ban(session, "It sent hashes that do not lead to the file's root."),
      });
    }
    for (const session of peers().sessions) {
      session.sendExtensionHandshake();
      this.#offerHashes(session);
    }
  }

  tick(now: number): void {
    this.#metadata.tick();
    this.#hashes?.tick();
    // While the metadata is not known, nobody can tell whether the torrent is private (BEP 27).
    if (this.#deps.info()?.private !== false) return;
    const { sessions } = this.#deps.peers();
    for (const session of sessions) this.#pex.tick(session, sessions, now);
  }

  gone(session: PeerSession): void {
    this.#metadata.gone(session);
    this.#hashes?.gone(session);
  }

  // SessionHost

  get clock(): Clock {
    return this.#deps.parts.clock;
  }

  get clientName(): string {
    return this.#deps.parts.clientName;
  }

  get listenPort(): number {
    return this.#deps.parts.listen.port;
  }

  get site(): string | null {
    return this.#deps.parts.site;
  }

  get isPrivate(): boolean {
    return this.#deps.info()?.private ?? false;
  }

  get isComplete(): boolean {
    return this.#deps.running()?.swarm.isComplete ?? false;
  }

  metadataSize(session: PeerSession): number | null {
    return this.#infoBytesFor(session)?.length ?? null;
  }

  extensionHandshake(session: PeerSession, message: ExtensionHandshake): void {
    if (message.listenPort !== null) this.#deps.peers().listensAt(session, message.listenPort);
    this.#metadata.offer(session);
    this.#offerHashes(session);
  }

  metadataMessage(session: PeerSession, payload: Buffer): void {
    this.#metadata.received(session, payload);
  }

  peerExchange(session: PeerSession, payload: Buffer): void {
    if (!this.#pex.mayTell(session, this.clock.now())) return;
    const endpoints = parsePeerExchange(payload).added.map(({ endpoint }) => endpoint);
    this.#deps.peers().found(reachableBy(session.connection.remote, endpoints), session.connection.infoHash);
  }

  hashRequest(session: PeerSession, request: HashRequest): void {
    if (this.#hashes === null) session.connection.send(encodeHashReject(request));
    else this.#hashes.serve(session, request).catch((error: unknown) => this.#deps.onWarning(error));
  }

  hashes(session: PeerSession, request: HashRequest, hashes: Buffer): void {
    this.#hashes?.received(session, request, hashes);
  }

  hashReject(session: PeerSession, request: HashRequest): void {
    this.#hashes?.rejected(session, request);
  }

  #infoBytesFor(session: PeerSession): Buffer | null {
    return this.#doorOf(session)?.infoBytes ?? null;
  }

  /**
   * Hashes are asked for on v2 connections: clients that came by a v1 hash do not expect such requests, except our own
   * kind, which knows that the torrent is hybrid.
   */
  #offerHashes(session: PeerSession): void {
    const door = this.#doorOf(session);
    const isOurKind = session.connection.remotePeerId?.startsWith(this.#deps.parts.peerId.slice(0, 6)) === true;
    if (door?.kind === "v2" || (door?.kind === "v1" && isOurKind)) this.#hashes?.offer(session);
  }

  #doorOf(session: PeerSession): Door | undefined {
    return this.#deps.doors().find(({ infoHash }) => infoHash === session.connection.infoHash);
  }
}
