// The peer wire protocol as a pure codec: handshake, messages, extension protocol and its messages (BEP 3, 6, 9, 10, 11,
// 21, 52, 54). Bytes in, calls out; values in, bytes out. No sockets and no state of a torrent.

export { encodeHandshake, HANDSHAKE_BYTES, HandshakeParser, parseHandshake } from "./handshake.ts";
export type { Handshake, HandshakeFlags } from "./handshake.ts";
export { WireReader } from "./wire-reader.ts";
export type { Negotiated } from "./wire-reader.ts";
export type { BlockSink, WireHandler } from "./wire-handler.ts";
export { WireError } from "./wire-error.ts";
export type { WireErrorCode } from "./wire-error.ts";
export { EXTENDED_HEADER_BYTES, MessageId, PIECE_HEADER_BYTES, REQUEST_BYTES } from "./message-ids.ts";
export {
  encodeAllowedFast,
  encodeBare,
  encodeBitfield,
  encodeCancel,
  encodeDhtPort,
  encodeExtended,
  encodeHave,
  encodeKeepAlive,
  encodeReject,
  encodeRequest,
  encodeSuggest,
  writeCancel,
  writePieceHeader,
  writeReject,
  writeRequest,
} from "./messages.ts";
export {
  encodeHashes,
  encodeHashReject,
  encodeHashRequest,
  hashesCount,
  isSameHashRequest,
  isValidHashRequest,
} from "./hash-messages.ts";
export type { HashRequest } from "./hash-messages.ts";
export {
  encodeExtensionHandshake,
  EXTENSION_HANDSHAKE_ID,
  LOCAL_EXTENSION_IDS,
  parseExtensionHandshake,
} from "./extension-handshake.ts";
export type { ExtensionHandshake, ExtensionName, OwnExtensionHandshake } from "./extension-handshake.ts";
export {
  encodeMetadataData,
  encodeMetadataReject,
  encodeMetadataRequest,
  metadataPieceLength,
  parseMetadataMessage,
} from "./metadata-messages.ts";
export type { MetadataMessage } from "./metadata-messages.ts";
export { encodePeerExchange, parsePeerExchange, PexFlag } from "./peer-exchange.ts";
export type { PeerExchange, PexContact } from "./peer-exchange.ts";
export { encodeDontHave, encodeUploadOnly, parseDontHave, parseUploadOnly } from "./state-messages.ts";
