import { readFileSync, rmSync } from "node:fs";
import { Session } from "../src/engine/index.ts";
import { parseMetainfo } from "../src/metainfo/index.ts";
const [file, payload, n, rate, superSeed] = process.argv.slice(2) as [string, string, string, string, string];
const source = parseMetainfo(readFileSync(file));
const N = Number(n);
const maxUploadRate = Number(rate);
rmSync("/dev/shm/crowd", { recursive: true, force: true });
const sessions: Session[] = [];
for (let i = 0; i <= N; i++)
  sessions.push(
    await Session.open({
      listen: { host: "127.0.0.1", port: 0 },
      maxUploadRate,
      workerCount: 1,
      bufferBudgetBytes: 8 << 20,
    }),
  );
const torrents = sessions
  .slice(1)
  .map((s, i) =>
    s.add({
      source,
      mode: "download",
      directory: `/dev/shm/crowd/${i}`,
      peers: sessions.slice(1, i + 1).map((x) => x.listen),
    }),
  );
await Promise.all(torrents.map((t) => t.ready));
await new Promise((r) => setTimeout(r, 1500));
const t0 = performance.now();
const seed = sessions[0]!.add({
  source,
  mode: "seed",
  directory: payload,
  verify: "none",
  superSeed: superSeed === "super",
  peers: sessions.slice(1).map((s) => s.listen),
});
const times: number[] = [];
let last = 0;
const timer = setInterval(() => {
  const h = torrents.map((t) => t.stats().haveBytes);
  const up = sessions.map((s) => [...s.torrents][0]!.stats().bytes.uploaded);
  const total = up.reduce((a, b) => a + b, 0);
  console.log(
    ((performance.now() - t0) / 1000).toFixed(1),
    "origin copies",
    (up[0]! / source.layout.lengthBytes).toFixed(2),
    "have min",
    (Math.min(...h) / source.layout.lengthBytes).toFixed(2),
    "max",
    (Math.max(...h) / source.layout.lengthBytes).toFixed(2),
    "uplink use",
    ((total - last) / (maxUploadRate * (N + 1))).toFixed(2),
  );
  last = total;
}, 1000);
await Promise.all(torrents.map((t) => t.completed.then(() => times.push((performance.now() - t0) / 1000))));
clearInterval(timer);
const F = source.layout.lengthBytes;
const bound = Math.max(F / maxUploadRate, (N * F) / ((N + 1) * maxUploadRate));
console.log(
  "first",
  times[0],
  "median",
  times[N >> 1],
  "last",
  times.at(-1),
  "bound",
  bound,
  "ratio",
  times.at(-1)! / bound,
  "origin",
  seed.stats().bytes.uploaded / F,
);
console.log("dup", torrents.map((t) => t.stats().bytes.duplicate).reduce((a, b) => a + b, 0) / F);
process.exit(0);
