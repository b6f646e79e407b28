// Every limit of the system, by name, one file a part. A limit that faces the network has a test where it is enforced.

export * from "./announce.ts";
export * from "./bencode.ts";
export * from "./cli.ts";
export * from "./engine.ts";
export * from "./metainfo.ts";
export * from "./net.ts";
export * from "./origin-signing.ts";
export * from "./origin-store.ts";
export * from "./origin-swarm.ts";
export * from "./origin-site.ts";
export * from "./release.ts";
export * from "./origin-http.ts";
export * from "./notices.ts";
export * from "./site.ts";
export * from "./storage.ts";
export * from "./swarm.ts";
export * from "./tcp.ts";
export * from "./tracker.ts";
export * from "./wire-units.ts";
export * from "./wire.ts";
