// How long each message may be and how it is taken in, by its id. The one place that bounds what a peer can make the
// reader hold: a fixed message fits the scratch, a gathered one has its limit here, a block has the owner's memory.

import {
  BLOCK_LENGTH_BYTES,
  EXTENDED_MAX_BYTES,
  HASH_LAYERS_MAX,
  HASH_REQUEST_LENGTH_MAX,
  PIECE_COUNT_MAX,
  UNKNOWN_MESSAGE_MAX_BYTES,
} from "../core/index.ts";
import { HASH_BYTES, HASH_REQUEST_PAYLOAD_BYTES, MessageId } from "./message-ids.ts";
import { WireError } from "./wire-error.ts";

/** `fixed`: whole in the scratch; `block`: into the owner's memory; `gather`: into a buffer; `skip`: not kept. */
export type Intake = "fixed" | "block" | "gather" | "skip";

/** The longest fixed message: length, id and the payload of a hash request. */
export const SCRATCH_BYTES: number = 5 + HASH_REQUEST_PAYLOAD_BYTES;

/** Payload bytes of the messages that have always the same. */
const FIXED_PAYLOAD_BYTES: ReadonlyMap<number, number> = new Map([
  [MessageId.choke, 0],
  [MessageId.unchoke, 0],
  [MessageId.interested, 0],
  [MessageId.notInterested, 0],
  [MessageId.have, 4],
  [MessageId.request, 12],
  [MessageId.cancel, 12],
  [MessageId.dhtPort, 2],
  [MessageId.suggest, 4],
  [MessageId.haveAll, 0],
  [MessageId.haveNone, 0],
  [MessageId.reject, 12],
  [MessageId.allowedFast, 4],
  [MessageId.hashRequest, HASH_REQUEST_PAYLOAD_BYTES],
  [MessageId.hashReject, HASH_REQUEST_PAYLOAD_BYTES],
]);

/**
 * Checks the payload length of a message (its length field less one for the id).
 * @param pieceCount null where the metadata is not there yet
 * @throws WireError `wire.length`
 */
export function intakeOf(id: number, payloadBytes: number, pieceCount: number | null): Intake {
  switch (id) {
    case MessageId.piece:
      // 8 bytes of index and begin. We never ask for more than 16 KiB, and an empty block is nothing anyone asks for.
      check(id, payloadBytes, 9, 8 + BLOCK_LENGTH_BYTES);
      return "block";
    case MessageId.bitfield:
      if (pieceCount === null) check(id, payloadBytes, 1, PIECE_COUNT_MAX / 8);
      else check(id, payloadBytes, Math.ceil(pieceCount / 8), Math.ceil(pieceCount / 8));
      return "gather";
    case MessageId.extended:
      check(id, payloadBytes, 1, 1 + EXTENDED_MAX_BYTES);
      return "gather";
    case MessageId.hashes:
      checkHashes(payloadBytes);
      return "gather";
    default: {
      const fixed = FIXED_PAYLOAD_BYTES.get(id);
      check(id, payloadBytes, fixed ?? 0, fixed ?? UNKNOWN_MESSAGE_MAX_BYTES - 1);
      return fixed === undefined ? "skip" : "fixed";
    }
  }
}

function checkHashes(payloadBytes: number): void {
  const max = HASH_REQUEST_PAYLOAD_BYTES + HASH_BYTES * (HASH_REQUEST_LENGTH_MAX + HASH_LAYERS_MAX);
  check(MessageId.hashes, payloadBytes, HASH_REQUEST_PAYLOAD_BYTES + HASH_BYTES, max);
  if ((payloadBytes - HASH_REQUEST_PAYLOAD_BYTES) % HASH_BYTES !== 0) {
    throw new WireError("wire.length", `Hashes of ${payloadBytes} bytes are not a whole number of hashes.`);
  }
}

function check(id: number, payloadBytes: number, min: number, max: number): void {
  if (payloadBytes >= min && payloadBytes <= max) return;
  const wanted = min === max ? `${min}` : `${min} to ${max}`;
  throw new WireError("wire.length", `Message ${id} has a payload of ${payloadBytes} bytes; it takes ${wanted}.`);
}
