// Layer 0: what every folder may use, and nothing that does I/O.

export { CodedError, messageOf } from "./errors.ts";
export type { CodedErrorOptions } from "./errors.ts";
export { idBytes, parseInfoHash, parseInfoHashV2, parsePeerId, truncateInfoHash } from "./ids.ts";
export type { InfoHash, InfoHashV2, PeerId, PieceIndex } from "./ids.ts";
export { systemClock } from "./clock.ts";
export type { Clock } from "./clock.ts";
export { seededRandom, systemRandom } from "./random.ts";
export type { Random } from "./random.ts";
export { silentLog } from "./log.ts";
export type { Log, LogFields, LogLevel } from "./log.ts";
export * from "./limits/index.ts";
export {
  addressScope,
  COMPACT_IPV4_BYTES,
  COMPACT_IPV6_BYTES,
  decodeCompact,
  encodeCompact,
  endpointOf,
  formatEndpoint,
  isLinkLocal,
  networkOf,
  parseHostPort,
} from "./endpoint.ts";
export type { Endpoint } from "./endpoint.ts";
export { isSameSite, isSiteName } from "./site.ts";
export type { SiteEnd } from "./site.ts";
