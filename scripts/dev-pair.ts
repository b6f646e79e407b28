import { readFileSync, rmSync } from "node:fs";
import { Session } from "../src/engine/index.ts";
import { parseMetainfo } from "../src/metainfo/index.ts";
const [role, file, dir, port] = process.argv.slice(2) as [string, string, string, string];
const source = parseMetainfo(readFileSync(file));
const log = {
  write: (l: string, e: string, f: unknown) => {
    if (process.env.LOG) console.error(l, e, JSON.stringify(f));
  },
};
if (role === "seed") {
  const session = await Session.open({ listen: { host: "127.0.0.1", port: Number(port) }, log });
  const torrent = session.add({
    source,
    mode: "seed",
    directory: dir,
    verify: "none",
    superSeed: process.env.SUPER === "1",
  });
  await torrent.ready;
  console.log("seeding", session.listen);
} else {
  rmSync(dir, { recursive: true, force: true });
  const t0 = performance.now();
  const session = await Session.open({ listen: { host: "127.0.0.1", port: 0 }, log });
  const torrent = session.add({
    source,
    mode: "download",
    directory: dir,
    peers: [{ address: "127.0.0.1", port: Number(port) }],
  });
  await torrent.completed;
  const s = torrent.stats();
  console.log(
    "done",
    s,
    "total",
    (performance.now() - t0) / 1000,
    "MB/s",
    s.totalBytes / 1e6 / s.seconds!,
    "rss",
    process.resourceUsage().maxRSS / 1024,
  );
  await session[Symbol.asyncDispose]();
}
