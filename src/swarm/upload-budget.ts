// How much may be on its way to all peers together. What a connection was handed cannot be put in another order, and a link
// that carries a piece for each of twenty peers at once finishes all of them late: so a new piece is begun only while
// less than the budget is unanswered (docs/decisions/0014-large-crowds.md).
//
// The budget grows while answers come within the patience, and shrinks when even the quickest takes longer: then they
// queue before our own uplink. Peers that are slow themselves look the same, so the patience is put to the test: where
// twice as much as fits into the time of an answer lets the peers receive clearly more, the link was not full.

import {
  UPLOAD_BUDGET_MIN_BYTES,
  UPLOAD_BUDGET_START_BYTES,
  UPLOAD_PATIENCE_MS,
  UPLOAD_PATIENCE_TEST_MS,
} from "../core/index.ts";
import { BestRate } from "./best-rate.ts";
import type { SwarmPeer } from "./peer.ts";
import { Unanswered } from "./unanswered.ts";

const ROUND_MS = 200;
/** By what share of the bytes that were answered the budget grows, before it first had to shrink and afterwards. */
const GROWTH_FIRST = 3;
const GROWTH = 0.25;
const SHRINK_MIN = 0.5;
/** Twice the budget brings twice as much where the link has room, and no more where it is full. */
const PROOF = 1.4;
/** The budget lasts for so long at the best rate: what answers take in a crowd whose links are full, … */
const FLOOR_MS = 500;
/** … and so many round trips more. */
const FLOOR_ROUND_TRIPS = 3;
/**
 * Who receives more than so many times what its uplink carries lives by what its requests bring, and they wait behind what
 * it sends: there the budget lasts for less, in that proportion, but for so long at least, and does not grow beyond.
 */
const RECEIVED_TIMES = 2.5;
const FLOOR_THIN_MS = 250;
const PERIOD_MS = 1_000;
/** Periods between two tests: at first, and after tests that proved nothing. */
const REST_MIN = 4;
const REST_MAX = 16;

export class UploadBudget {
  readonly unanswered: Unanswered = new Unanswered();
  #bytes = UPLOAD_BUDGET_START_BYTES;
  #growth = GROWTH_FIRST;
  #patienceMs = UPLOAD_PATIENCE_MS;
  #isHeldBack = false;
  #isAnsweringHeldBack = false;
  // The round: answers since its beginning.
  #roundSince = 0;
  #roundBytes = 0;
  #shortestMs = Infinity;
  /** The shortest of those who answered: from the nearest of them, answers take no longer for the distance. */
  #roundTripMs = Infinity;
  #pathMs = 0;
  #most = 0;
  #wasReached = false;
  // The best that the peers received lately, and that we received, bytes a millisecond.
  readonly #sent = new BestRate();
  readonly #received = new BestRate();
  #periodSince = 0;
  #periodBytes = 0;
  // The test of the patience.
  #testSince = 0;
  #testBytes = 0;
  #bytesBefore = 0;
  #rateBefore = 0;
  #testDelayMs = 0;
  /** The shortest of the rounds that were too long, since the last test. */
  #waitedMs = Infinity;
  #restPeriods = REST_MIN;
  #isTesting = false;

  /** True where a piece that had to wait may be begun now. */
  get isFreeAgain(): boolean {
    return (this.#isHeldBack && this.#hasRoom(false)) || (this.#isAnsweringHeldBack && this.#hasRoom(true));
  }

  /**
   * Whether a new piece may be begun for a peer that answers, and for one that does not, or not yet: neither waits for what
   * the others have on their way. Where there is no room, one may still be begun while one connection at most is waited for.
   */
  room(): { readonly answering: boolean; readonly others: boolean } {
    const [answering, others] = [this.#hasRoom(true), this.#hasRoom(false)];
    this.#isAnsweringHeldBack = !answering;
    this.#isHeldBack = !others;
    this.#wasReached ||= this.unanswered.bytes >= this.#bytes;
    return { answering, others };
  }

  #hasRoom(answering: boolean): boolean {
    const { bytes, answeringBytes } = this.unanswered;
    return (answering ? answeringBytes : bytes - answeringBytes) < this.#bytes;
  }

  served(peer: SwarmPeer, piece: number, lengthBytes: number, now: number): void {
    this.unanswered.sent(peer, piece, lengthBytes, now);
    this.#most = Math.max(this.#most, this.unanswered.bytes);
  }

  peerHave(peer: SwarmPeer, piece: number, now: number): void {
    const answer = this.unanswered.answered(peer, piece, now);
    if (answer === null) return;
    this.#testBytes += answer.bytes;
    this.#periodBytes += answer.bytes;
    this.#roundBytes += answer.bytes;
    const roundTripMs = Math.min(peer.roundTripMs, peer.window.delayMs);
    this.#shortestMs = Math.min(this.#shortestMs, answer.delayMs - roundTripMs);
    this.#roundTripMs = Math.min(this.#roundTripMs, roundTripMs);
    if (now - this.#roundSince >= Math.max(ROUND_MS, this.#shortestMs)) this.#endRound(now);
  }

  /** `receivedRate`: bytes a second that come from all peers. */
  tick(now: number, receivedRate = 0): void {
    this.unanswered.tick(now);
    if (now - this.#periodSince >= PERIOD_MS) this.#endPeriod(now, receivedRate);
    if (this.#growth === GROWTH) this.#testPatience(now);
  }

  #endPeriod(now: number, receivedRate: number): void {
    this.#sent.add(this.#periodBytes / (now - this.#periodSince));
    this.#received.add(receivedRate / 1_000);
    this.#periodBytes = 0;
    this.#periodSince = now;
  }

  #endRound(now: number): void {
    if (this.#isTesting) {
      this.#testDelayMs = Math.max(this.#testDelayMs, this.#shortestMs);
    } else if (this.#shortestMs > this.#patienceMs) {
      this.#waitedMs = Math.min(this.#waitedMs, this.#shortestMs);
      const share = Math.max(SHRINK_MIN, this.#patienceMs / this.#shortestMs);
      this.#setBytes(Math.min(this.#bytes, this.#most) * share);
      this.#growth = GROWTH;
    } else if (this.#wasReached) {
      this.#setBytes(this.#bytes + this.#growth * this.#roundBytes);
    }
    this.#roundSince = now;
    this.#roundBytes = 0;
    this.#shortestMs = Infinity;
    this.#pathMs = this.#roundTripMs === Infinity ? 0 : FLOOR_ROUND_TRIPS * this.#roundTripMs;
    this.#roundTripMs = Infinity;
    this.#most = this.unanswered.bytes;
    this.#wasReached = false;
  }

  #testPatience(now: number): void {
    const elapsedMs = now - this.#testSince;
    if (elapsedMs < UPLOAD_PATIENCE_TEST_MS * (this.#isTesting ? 1 : this.#restPeriods)) return;
    const rate = this.#testBytes / elapsedMs;
    if (!this.#isTesting) {
      this.#rateBefore = this.#sent.best;
      this.#bytesBefore = this.#bytes;
      const filling = this.#waitedMs === Infinity ? 0 : this.#rateBefore * this.#waitedMs;
      this.#setBytes(2 * Math.max(this.#bytes, filling));
    } else if (rate < this.#rateBefore * PROOF) {
      this.#setBytes(this.#bytesBefore);
      this.#restPeriods = Math.min(REST_MAX, this.#restPeriods * 2);
    } else {
      // It was not our link that they waited for.
      this.#patienceMs = Math.max(this.#patienceMs, this.#testDelayMs);
      this.#restPeriods = 1;
    }
    this.#isTesting = !this.#isTesting;
    this.#testDelayMs = 0;
    this.#waitedMs = Infinity;
    this.#testBytes = 0;
    this.#testSince = now;
  }

  #setBytes(bytes: number): void {
    const [sent, received] = [this.#sent.best, this.#received.best];
    const share = received === 0 ? 1 : Math.min(1, (RECEIVED_TIMES * sent) / received);
    const floor = sent * (Math.max(FLOOR_THIN_MS, FLOOR_MS * share) + this.#pathMs);
    const isThin = share < 1 && sent > 0;
    this.#bytes = Math.max(UPLOAD_BUDGET_MIN_BYTES, isThin ? floor : Math.max(floor, bytes));
  }
}
