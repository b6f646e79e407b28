// Why a connection is closed: the peer sent bytes that the protocol does not allow.

import { CodedError } from "../core/index.ts";

export type WireErrorCode =
  /** Not a BitTorrent handshake. */
  | "wire.handshake"
  /** A length that does not fit the message's type, or is above its limit. */
  | "wire.length"
  /** A message where it may not stand: a second bitfield. */
  | "wire.order"
  /** A message of an extension that was not agreed upon in the handshakes. */
  | "wire.extension"
  /** The payload of an extended message that is not what its extension says. */
  | "wire.payload";

export class WireError extends CodedError<WireErrorCode> {}
