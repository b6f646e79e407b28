// Every fuzz target: one for each decoder of bytes that come from others.

import type { FuzzTarget } from "../target.ts";
import { httpQuery, httpReply, localAnnounce } from "./announce.ts";
import { bencode } from "./bencode.ts";
import { extensionHandshake, metadataMessage, peerExchange, stateMessages } from "./extensions.ts";
import { byteRange, preconditions, searchQuery } from "./http-headers.ts";
import { journal } from "./journal.ts";
import { info, magnet, metainfo } from "./metainfo.ts";
import { counterNotice, notice } from "./notices.ts";
import { originAdmin, originApi, originNotices, originSite, originUploads } from "./origin.ts";
import { channelPointer, keyFile, releasePage, releaseRecord, tufMetadata, withdrawalRecord } from "./release.ts";
import { udpReply, udpRequest } from "./udp.ts";
import { handshake, hashMessages, wireStream } from "./wire.ts";

export const targets: readonly FuzzTarget[] = [
  bencode,
  metainfo,
  info,
  magnet,
  handshake,
  wireStream,
  hashMessages,
  extensionHandshake,
  metadataMessage,
  peerExchange,
  stateMessages,
  httpQuery,
  httpReply,
  localAnnounce,
  udpRequest,
  udpReply,
  journal,
  releaseRecord,
  withdrawalRecord,
  channelPointer,
  releasePage,
  keyFile,
  tufMetadata,
  byteRange,
  preconditions,
  searchQuery,
  notice,
  counterNotice,
  originSite,
  originApi,
  originUploads,
  originAdmin,
  originNotices,
];
