// What is wrong with an announce, scrape or reply, and whether the sender may be told.
// Invariant: an error of a datagram that is too short to hold a transaction id never allows a reply.

import { CodedError } from "../core/index.ts";

export type AnnounceErrorCode =
  /** The message is shorter or longer than its kind can be. */
  | "announce.length"
  /** A UDP action that is not of BEP 15, or a connect without the protocol's constant. */
  | "announce.action"
  /** A query string that is no query string, or lacks a parameter, or has one that is malformed. */
  | "announce.query"
  | "announce.info-hash"
  | "announce.peer-id"
  | "announce.port"
  | "announce.event"
  /** A tracker's answer that cannot be understood. */
  | "announce.reply";

export class AnnounceError extends CodedError<AnnounceErrorCode> {
  /**
   * False where answering would serve nobody or an attacker: garbage. Where true, a server may answer over HTTP, and
   * over UDP only after it has checked the connection id: until then the source address may be a victim's.
   */
  readonly replyAllowed: boolean;

  constructor(code: AnnounceErrorCode, message: string, replyAllowed: boolean, cause?: unknown) {
    super(code, message, cause === undefined ? {} : { cause });
    this.replyAllowed = replyAllowed;
  }
}
