// Announces and scrapes (BEP 3, 7, 12, 14, 15, 23, 24, 31, 41, 48): one codec for client, server and load generator, and the
// state that decides which tracker is asked next. Pure: bytes and times in, values and decisions out; sockets are others'.

export { AnnounceError } from "./announce-error.ts";
export type { AnnounceErrorCode } from "./announce-error.ts";
export type {
  AnnounceEvent,
  AnnounceOutcome,
  AnnounceReply,
  AnnounceRequest,
  ScrapeEntry,
  ScrapeOutcome,
  TrackerFailure,
} from "./types.ts";
export { encodeAnnounceUrl, encodeScrapeUrl, parseAnnounceQuery, parseScrapeQuery } from "./http-query.ts";
export type { HttpAnnounceRequest } from "./http-query.ts";
export {
  encodeAnnounceReply,
  encodeFailure,
  announceReplyText,
  encodeScrapeReply,
  scrapeReplyText,
  parseAnnounceReply,
  parseScrapeReply,
} from "./http-reply.ts";
export type { AnnounceReplyFields } from "./http-reply.ts";
export { UDP_ANNOUNCE_REPLY_HEADER_BYTES, UDP_CONNECT_REQUEST_BYTES } from "./udp-layout.ts";
export type { ConnectionId } from "./udp-layout.ts";
export {
  parseUdpRequest,
  peekUdpRequest,
  udpTransactionId,
  udpUrlData,
  writeUdpAnnounceRequest,
  writeUdpConnectRequest,
  writeUdpScrapeRequest,
} from "./udp-request.ts";
export type { UdpAnnounceRequest, UdpRequest, UdpScrapeRequest } from "./udp-request.ts";
export {
  parseUdpReply,
  scrapeEntriesByHash,
  writeUdpAnnounceReply,
  writeUdpConnectReply,
  writeUdpErrorReply,
  writeUdpScrapeReply,
} from "./udp-reply.ts";
export type { UdpReply } from "./udp-reply.ts";
export { urlDataOf } from "./site-parameter.ts";
export { encodeLocalAnnounce, LOCAL_GROUPS, LOCAL_PORT, parseLocalAnnounce } from "./local-announce.ts";
export type { LocalAnnounce } from "./local-announce.ts";
export { isConnectionIdFresh, udpTimeoutMs } from "./udp-schedule.ts";
export { TrackerTiers } from "./tracker-tiers.ts";
export type { TierDecision, TrackerStatus } from "./tracker-tiers.ts";
