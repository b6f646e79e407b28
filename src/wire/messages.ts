// The messages that we send (BEP 3, 6), whole and ready for a socket. Requests and block headers, which are sent by the
// ten thousand a second, are written into memory of the caller, so that many leave as one write and none is an object.

import {
  EXTENDED_HEADER_BYTES,
  MESSAGE_HEADER_BYTES,
  MessageId,
  PIECE_HEADER_BYTES,
  REQUEST_BYTES,
} from "./message-ids.ts";

type BareMessage = "choke" | "unchoke" | "interested" | "notInterested" | "haveAll" | "haveNone";

/** Four zero bytes. A fresh Buffer each time, as with all of these: a socket may keep it. */
export function encodeKeepAlive(): Buffer {
  return Buffer.alloc(4);
}

/** A message without payload. */
export function encodeBare(name: BareMessage): Buffer {
  return header(MessageId[name], 0);
}

export function encodeHave(index: number): Buffer {
  return indexed(MessageId.have, index);
}

export function encodeSuggest(index: number): Buffer {
  return indexed(MessageId.suggest, index);
}

export function encodeAllowedFast(index: number): Buffer {
  return indexed(MessageId.allowedFast, index);
}

/** `bytes`: one bit a piece, the first piece the highest bit; spare bits zero. */
export function encodeBitfield(bytes: Uint8Array): Buffer {
  const message = header(MessageId.bitfield, bytes.length);
  message.set(bytes, MESSAGE_HEADER_BYTES);
  return message;
}

export function encodeRequest(index: number, begin: number, length: number): Buffer {
  const message = Buffer.allocUnsafe(REQUEST_BYTES);
  writeRequest(message, 0, index, begin, length);
  return message;
}

export function encodeCancel(index: number, begin: number, length: number): Buffer {
  const message = Buffer.allocUnsafe(REQUEST_BYTES);
  writeCancel(message, 0, index, begin, length);
  return message;
}

export function encodeReject(index: number, begin: number, length: number): Buffer {
  const message = Buffer.allocUnsafe(REQUEST_BYTES);
  writeReject(message, 0, index, begin, length);
  return message;
}

export function encodeDhtPort(port: number): Buffer {
  const message = header(MessageId.dhtPort, 2);
  message.writeUInt16BE(port, MESSAGE_HEADER_BYTES);
  return message;
}

/** An extended message (BEP 10); `id` is the receiver's, from its extension handshake. */
export function encodeExtended(id: number, ...parts: readonly Uint8Array[]): Buffer {
  const payloadBytes = parts.reduce((sum, part) => sum + part.length, 0);
  const message = header(MessageId.extended, 1 + payloadBytes);
  message[MESSAGE_HEADER_BYTES] = id;
  let at = EXTENDED_HEADER_BYTES;
  for (const part of parts) {
    message.set(part, at);
    at += part.length;
  }
  return message;
}

/** Writes the 13 bytes that precede a block of `length` bytes; returns the offset after them. */
export function writePieceHeader(target: Buffer, offset: number, index: number, begin: number, length: number): number {
  target.writeUInt32BE(PIECE_HEADER_BYTES - 4 + length, offset);
  target[offset + 4] = MessageId.piece;
  target.writeUInt32BE(index, offset + 5);
  target.writeUInt32BE(begin, offset + 9);
  return offset + PIECE_HEADER_BYTES;
}

/** Writes the 17 bytes of a request; returns the offset after them. */
export function writeRequest(target: Buffer, offset: number, index: number, begin: number, length: number): number {
  return writeBlockMessage(target, offset, MessageId.request, index, begin, length);
}

/** Writes the 17 bytes of a cancel; returns the offset after them. */
export function writeCancel(target: Buffer, offset: number, index: number, begin: number, length: number): number {
  return writeBlockMessage(target, offset, MessageId.cancel, index, begin, length);
}

/** Writes the 17 bytes of a reject (BEP 6); returns the offset after them. */
export function writeReject(target: Buffer, offset: number, index: number, begin: number, length: number): number {
  return writeBlockMessage(target, offset, MessageId.reject, index, begin, length);
}

function writeBlockMessage(
  target: Buffer,
  offset: number,
  id: number,
  index: number,
  begin: number,
  length: number,
): number {
  target.writeUInt32BE(REQUEST_BYTES - 4, offset);
  target[offset + 4] = id;
  target.writeUInt32BE(index, offset + 5);
  target.writeUInt32BE(begin, offset + 9);
  target.writeUInt32BE(length, offset + 13);
  return offset + REQUEST_BYTES;
}

function header(id: number, payloadBytes: number): Buffer {
  const message = Buffer.alloc(MESSAGE_HEADER_BYTES + payloadBytes);
  message.writeUInt32BE(1 + payloadBytes, 0);
  message[4] = id;
  return message;
}

function indexed(id: number, index: number): Buffer {
  const message = header(id, 4);
  message.writeUInt32BE(index, MESSAGE_HEADER_BYTES);
  return message;
}
