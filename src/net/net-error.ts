// What can go wrong between us and a server, as one closed union of codes.
// An abort is not among them: a call that is given a signal rejects with that signal's own reason.

import { CodedError } from "../core/index.ts";
import type { CodedErrorOptions } from "../core/index.ts";

export type PolicyErrorCode =
  /** The scheme is none that this kind of URL may have. */
  | "net.policy-scheme"
  | "net.policy-credentials"
  | "net.policy-loopback-tracker-path"
  | "net.policy-local-tracker-query"
  | "net.policy-local-web-seed-query"
  | "net.policy-redirect-to-local"
  | "net.policy-redirect-to-http";

export type NetErrorCode =
  | PolicyErrorCode
  | "net.url-syntax"
  /** The address to listen on is taken, or not ours. */
  | "net.listen"
  /** The name has no address, or no usable one. */
  | "net.resolve"
  /** Refused, reset, unreachable, TLS: no reply came. */
  | "net.connect"
  | "net.timeout"
  /** The other side speaks no valid HTTP, or stopped within a body. */
  | "net.protocol"
  /** A redirect without a usable Location, a loop or too many of them. */
  | "net.redirect"
  /** A status that means no; `status` tells which. */
  | "net.http-status"
  /** 404 */
  | "net.not-found"
  /** 410: it was there and will not come back. */
  | "net.gone"
  /** 451: withdrawn for legal reasons (RFC 7725). */
  | "net.withdrawn"
  | "net.reply-too-long"
  | "net.content-encoding"
  /** The tracker answered with a failure reason, which is the message. */
  | "net.tracker-failure"
  /** The tracker's reply is no valid one. */
  | "net.tracker-reply"
  /** A tracker that cannot scrape (BEP 48: no `announce` in the last path element). */
  | "net.tracker-no-scrape"
  /** The web seed ignored the range or answered with another one. */
  | "net.web-seed-range"
  /** The web seed's body is shorter or longer than the range. */
  | "net.web-seed-length"
  /** The same three of a web seed: 451, 410, 404. All are permanent; the other seeds may hold the file still. */
  | "net.web-seed-withdrawn"
  | "net.web-seed-gone"
  | "net.web-seed-not-found";

export interface NetErrorOptions extends CodedErrorOptions {
  /** The HTTP status, where there was one. */
  readonly status?: number;
  /** How long the server asks us to stay away. */
  readonly retryAfterMs?: number;
  /** Where a 451 says who blocked the resource: the target of `Link: …; rel="blocked-by"` (RFC 7725). */
  readonly blockedBy?: string;
}

export class NetError extends CodedError<NetErrorCode> {
  readonly status: number | null;
  readonly retryAfterMs: number | null;
  readonly blockedBy: string | null;

  constructor(code: NetErrorCode, message: string, options: NetErrorOptions = {}) {
    super(code, message, options);
    this.status = options.status ?? null;
    this.retryAfterMs = options.retryAfterMs ?? null;
    this.blockedBy = options.blockedBy ?? null;
  }
}
