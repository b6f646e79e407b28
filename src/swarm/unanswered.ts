// What peers were sent and have not answered for yet: a `have` answers for all that its peer was sent before it, since a
// connection keeps the order. Invariant: a peer that leaves, or that never says what it has, is not counted; one
// connection counts for no more than a kernel holds of it.

import assert from "node:assert";
import { UPLOAD_CONNECTION_COUNTED_BYTES, UPLOAD_UNANSWERED_MS } from "../core/index.ts";
import type { SwarmPeer } from "./peer.ts";

interface Sent {
  /** Of all that the peer was sent, up to the last block of this piece so far. */
  position: number;
  at: number;
}

/** Of one peer. */
export interface Account {
  sentBytes: number;
  answeredBytes: number;
  /** By piece. */
  readonly pieces: Map<number, Sent>;
  isSilent: boolean;
  trust: "none yet" | "answers" | "lost";
}

export interface Answer {
  readonly bytes: number;
  /** Since the last block of the piece was handed over. */
  readonly delayMs: number;
}

export class Unanswered {
  /** Those that were sent something: each carries its own account, since it is asked for with every choice. */
  readonly #peers = new Set<SwarmPeer>();
  readonly #copies = new Map<number, number>();
  bytes = 0;
  /** Of these, what peers were sent that answer: those who never did, or once did not, are not waited for on their account. */
  answeringBytes = 0;
  /** Connections that count. */
  #connections = 0;

  /** Peers that were sent the piece and have not answered for it. */
  copies(piece: number): number {
    return this.#copies.get(piece) ?? 0;
  }

  /** True where one connection at most is waited for: a piece that is begun for somebody shares the link with that alone. */
  get isOneAtMost(): boolean {
    return this.#connections <= 1;
  }

  /** True where the peer has answered, and always within the time. */
  answers(peer: SwarmPeer): boolean {
    return peer.account !== null && peer.account.trust === "answers";
  }

  /** True where the peer was sent what it has not answered for, and has not shown yet that it answers in time. */
  isOnProbation(peer: SwarmPeer): boolean {
    const { account } = peer;
    return account !== null && account.trust !== "answers" && account.pieces.size > 0;
  }

  /** For tests. @throws AssertionError where the books do not agree with each other */
  audit(peers: ReadonlySet<SwarmPeer>): void {
    const copies = new Map<number, number>();
    for (const peer of this.#peers) assert.ok(peers.has(peer), "Who is gone is not waited for.");
    const accounts = [...peers].flatMap(({ account }) => account ?? []);
    assert.equal(accounts.length, this.#peers.size, "Who has an account is known.");
    for (const { pieces } of accounts) {
      for (const piece of pieces.keys()) copies.set(piece, (copies.get(piece) ?? 0) + 1);
    }
    const amounts = accounts.map(counted);
    const sum = amounts.reduce((all, bytes) => all + bytes, 0);
    assert.equal(this.bytes, sum, "Bytes that are unanswered.");
    const answering = accounts.reduce((all, account) => all + countedAnswering(account), 0);
    assert.equal(this.answeringBytes, answering, "Bytes that are unanswered by those who answer.");
    assert.equal(this.#connections, amounts.filter((bytes) => bytes > 0).length, "Connections that count.");
    assert.deepEqual(this.#copies, copies, "Copies that are unanswered.");
  }

  sent(peer: SwarmPeer, piece: number, lengthBytes: number, now: number): void {
    let { account } = peer;
    if (account === null) {
      account = { sentBytes: 0, answeredBytes: 0, pieces: new Map(), isSilent: false, trust: "none yet" };
      peer.account = account;
      this.#peers.add(peer);
    }
    this.#change(account, () => (account.sentBytes += lengthBytes));
    if (!account.pieces.has(piece)) this.#copies.set(piece, this.copies(piece) + 1);
    account.pieces.set(piece, { position: account.sentBytes, at: now });
  }

  /** The peer has the piece. Null where we did not send it. */
  answered(peer: SwarmPeer, piece: number, now: number): Answer | null {
    const { account } = peer;
    const sent = account?.pieces.get(piece);
    if (account === null || sent === undefined) return null;
    const bytes = Math.max(0, sent.position - account.answeredBytes);
    this.#change(account, () => {
      account.answeredBytes += bytes;
      account.isSilent = false;
      if (account.trust === "none yet") account.trust = "answers";
    });
    for (const [other, { position }] of account.pieces) if (position <= sent.position) this.#forget(account, other);
    return { bytes, delayMs: now - sent.at };
  }

  left(peer: SwarmPeer): void {
    const { account } = peer;
    if (account === null) return;
    this.#silence(account);
    for (const piece of account.pieces.keys()) this.#forget(account, piece);
    peer.account = null;
    this.#peers.delete(peer);
  }

  tick(now: number): void {
    for (const { account } of this.#peers) {
      if (account === null) continue;
      for (const [piece, { at }] of account.pieces) {
        if (now - at <= UPLOAD_UNANSWERED_MS) continue;
        this.#silence(account);
        this.#forget(account, piece);
      }
    }
  }

  #silence(account: Account): void {
    this.#change(account, () => {
      account.isSilent = true;
      account.trust = "lost";
    });
  }

  #change(account: Account, change: () => void): void {
    const before = counted(account);
    const answeringBefore = countedAnswering(account);
    change();
    const after = counted(account);
    this.answeringBytes += countedAnswering(account) - answeringBefore;
    this.bytes += after - before;
    this.#connections += Number(after > 0) - Number(before > 0);
  }

  #forget(account: Account, piece: number): void {
    account.pieces.delete(piece);
    const copies = this.copies(piece) - 1;
    if (copies > 0) this.#copies.set(piece, copies);
    else this.#copies.delete(piece);
  }
}

function counted({ sentBytes, answeredBytes, isSilent }: Account): number {
  return isSilent ? 0 : Math.min(sentBytes - answeredBytes, UPLOAD_CONNECTION_COUNTED_BYTES);
}

function countedAnswering(account: Account): number {
  return account.trust === "answers" ? counted(account) : 0;
}
