// The BitTorrent engine for embedders: sessions and torrents over swarm, storage and net.
//
//   await using session = await Session.open({ listen: { port: 6881 } });
//   const torrent = session.add({ source: parseMetainfo(bytes), mode: "download", directory: "/srv/updates" });
//   torrent.on("piece", ({ haveBytes, totalBytes }) => console.log(haveBytes / totalBytes));
//   const { path } = await torrent.completed;

export { EngineError } from "./engine-error.ts";
export type { EngineErrorCode } from "./engine-error.ts";
export type { SessionOptions, TorrentOptions, TorrentPhase, TorrentStats } from "./options.ts";
export { Session } from "./session.ts";
export type { Torrent, TorrentEvents } from "./torrent.ts";
