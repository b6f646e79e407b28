// A message that is whole and of the right length, to the call that it means. Blocks do not come this way.

import { readHashRequest } from "./hash-messages.ts";
import { HASH_REQUEST_PAYLOAD_BYTES, MessageId } from "./message-ids.ts";
import type { WireHandler } from "./wire-handler.ts";

/** `at` is where the payload begins. */
export function deliverFixed(handler: WireHandler, id: number, source: Buffer, at: number): void {
  switch (id) {
    case MessageId.choke:
      return handler.choke();
    case MessageId.unchoke:
      return handler.unchoke();
    case MessageId.interested:
      return handler.interested();
    case MessageId.notInterested:
      return handler.notInterested();
    case MessageId.have:
      return handler.have(source.readUInt32BE(at));
    case MessageId.request:
      return handler.request(source.readUInt32BE(at), source.readUInt32BE(at + 4), source.readUInt32BE(at + 8));
    case MessageId.cancel:
      return handler.cancel(source.readUInt32BE(at), source.readUInt32BE(at + 4), source.readUInt32BE(at + 8));
    case MessageId.reject:
      return handler.reject(source.readUInt32BE(at), source.readUInt32BE(at + 4), source.readUInt32BE(at + 8));
    case MessageId.dhtPort:
      return handler.dhtPort(source.readUInt16BE(at));
    case MessageId.suggest:
      return handler.suggest(source.readUInt32BE(at));
    case MessageId.haveAll:
      return handler.haveAll();
    case MessageId.haveNone:
      return handler.haveNone();
    case MessageId.allowedFast:
      return handler.allowedFast(source.readUInt32BE(at));
    case MessageId.hashRequest:
      return handler.hashRequest(readHashRequest(source, at));
    case MessageId.hashReject:
      return handler.hashReject(readHashRequest(source, at));
  }
}

/** `payload` is the handler's to keep. */
export function deliverGathered(handler: WireHandler, id: number, payload: Buffer): void {
  switch (id) {
    case MessageId.bitfield:
      return handler.bitfield(payload);
    case MessageId.hashes:
      return handler.hashes(readHashRequest(payload, 0), payload.subarray(HASH_REQUEST_PAYLOAD_BYTES));
    case MessageId.extended:
      return handler.extended(payload.readUInt8(0), payload.subarray(1));
  }
}
