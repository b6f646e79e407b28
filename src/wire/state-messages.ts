// Two extended messages about a peer's state, of a few bytes and not bencoded: lt_donthave (BEP 54), a piece index u32
// that the peer no longer has, and upload_only (BEP 21), one byte, 0 or not, when it changes after the handshake.

import { encodeExtended } from "./messages.ts";
import { WireError } from "./wire-error.ts";

/** The index that is no longer there; unchecked. @throws WireError `wire.payload` */
export function parseDontHave(payload: Buffer): number {
  if (payload.length !== 4) throw new WireError("wire.payload", `lt_donthave has 4 bytes, not ${payload.length}.`);
  return payload.readUInt32BE(0);
}

/** The whole message; `id` is the peer's for lt_donthave. */
export function encodeDontHave(id: number, index: number): Buffer {
  const payload = Buffer.alloc(4);
  payload.writeUInt32BE(index, 0);
  return encodeExtended(id, payload);
}

/** Whether the peer wants no more data. @throws WireError `wire.payload` */
export function parseUploadOnly(payload: Buffer): boolean {
  if (payload.length !== 1) throw new WireError("wire.payload", `upload_only has 1 byte, not ${payload.length}.`);
  return payload[0] !== 0;
}

/** The whole message; `id` is the peer's for upload_only. */
export function encodeUploadOnly(id: number, uploadOnly: boolean): Buffer {
  return encodeExtended(id, Buffer.from([uploadOnly ? 1 : 0]));
}
