// The BitTorrent engine for embedders: sessions and torrents over swarm, storage and net.
//
//   import { readFile } from "node:fs/promises";
//   import { Session } from "upswarm";
//   import { parseMetainfo } from "upswarm/metainfo";
//
//   await using session = await Session.open({ listen: { port: 6881 } });
//   const source = parseMetainfo(await readFile("update.torrent"));
//   const torrent = session.add({ source, mode: "download", directory: "/srv/updates" });
//   torrent.on("piece", ({ haveBytes, totalBytes }) => console.log(haveBytes / totalBytes));
//   torrent.on("warning", (warning) => console.error(warning));
//   const { path } = await torrent.completed;
//
// Rates are bytes a second, sizes bytes, times milliseconds unless a name says otherwise. Errors are CodedErrors: `code`
// is stable, `message` a sentence for a person, `retryable` tells whether the same may succeed later.

export { CodedError } from "../core/index.ts";
export type { Clock, Endpoint, Log, LogFields, LogLevel, Random } from "../core/index.ts";
export type { UrlPolicy } from "../net/index.ts";
export { StorageError, StorageWorkers } from "../storage/index.ts";
export type { ByteCounts, ChokingPolicy } from "../swarm/index.ts";
export type { Door } from "./doors.ts";
export { EngineError } from "./engine-error.ts";
export type { EngineErrorCode } from "./engine-error.ts";
export type { SessionOptions, TorrentOptions, TorrentPhase, TorrentStats } from "./options.ts";
export { Session } from "./session.ts";
export type { Torrent } from "./torrent.ts";
export type { TorrentEvents } from "./torrent-events.ts";
