// One process of the soak, alive from its beginning to its end: a tracker, a seed, or a peer that downloads. It does what it
// is told by its argument (a SoakRole as JSON) while it is told to work; told to rest, it gives back all that it holds. At any
// time it says how much it holds. It never collects garbage on demand: what is measured is what a user would see.

import { readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { messageOf } from "../src/core/index.ts";
import type { Endpoint } from "../src/core/index.ts";
import { Session } from "../src/engine/index.ts";
import type { Torrent } from "../src/engine/index.ts";
import { parseMetainfo } from "../src/metainfo/index.ts";
import type { Metainfo } from "../src/metainfo/index.ts";
import { createTracker } from "../src/tracker/index.ts";

export interface SoakPayload {
  readonly torrent: string;
  readonly path: string;
}

export type SoakRole =
  | { readonly kind: "tracker" }
  | {
      readonly kind: "seed";
      readonly payloads: readonly SoakPayload[];
      /** Added and removed all the time. */
      readonly passing: SoakPayload;
    }
  | {
      readonly kind: "downloader";
      readonly payloads: readonly SoakPayload[];
      readonly folder: string;
      readonly peers: readonly Endpoint[];
      /** Torrents at once. */
      readonly lanes: number;
    };

/** To the process. */
export type SoakOrder = "work" | "rest" | "sample" | "end";

/** From it. */
export type SoakWord =
  | { readonly kind: "ready"; readonly listen: Endpoint; readonly tracker: string }
  | ({ readonly kind: "sample" } & SoakFigures)
  | { readonly kind: "resting" }
  | { readonly kind: "failed"; readonly reason: string };

export interface SoakFigures {
  readonly heapMB: number;
  readonly externalMB: number;
  readonly buffersMB: number;
  /** process.getActiveResourcesInfo(): handles and requests under way. */
  readonly resources: number;
  /** Torrents added, of which so many were completed, and bytes received and sent. */
  readonly added: number;
  readonly completed: number;
  readonly receivedBytes: number;
  readonly sentBytes: number;
}

const LINGER_MS = 400;
const PASSING_MS = 500;
/** One download of so many is left in the middle, and taken up again later. */
const ABANDONED = 5;
const STUCK_MS = 120_000;

const counts = { added: 0, completed: 0, receivedBytes: 0, sentBytes: 0 };
let resting = new AbortController();

function say(word: SoakWord): void {
  if (process.connected) process.send?.(word);
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => {
    const { signal } = resting;
    if (signal.aborted) {
      resolve();
      return;
    }
    const done = (): void => {
      clearTimeout(timer);
      signal.removeEventListener("abort", done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    signal.addEventListener("abort", done);
  });
}

async function remove(torrent: Torrent): Promise<void> {
  const { bytes } = torrent.stats();
  counts.receivedBytes += bytes.sitePeers + bytes.otherPeers;
  counts.sentBytes += bytes.uploaded;
  await torrent[Symbol.asyncDispose]();
}

const metainfoOf = (torrent: string): Metainfo => parseMetainfo(readFileSync(torrent));

async function seedAll(session: Session, role: SoakRole & { kind: "seed" }): Promise<void> {
  const torrents = role.payloads.map(({ torrent, path }) =>
    session.add({ source: metainfoOf(torrent), mode: "seed", directory: "", path, verify: "none" }),
  );
  counts.added += torrents.length;
  const passing = metainfoOf(role.passing.torrent);
  while (!resting.signal.aborted) {
    const { path } = role.passing;
    const torrent = session.add({ source: passing, mode: "seed", directory: "", path, verify: "none" });
    counts.added++;
    await torrent.ready;
    await pause(PASSING_MS);
    await remove(torrent);
  }
  await Promise.all(torrents.map(remove));
}

async function download(session: Session, role: SoakRole & { kind: "downloader" }, lane: number): Promise<void> {
  // The lanes are at different torrents: a session has each but once.
  const payloads = role.payloads.filter((_, index) => index % role.lanes === lane);
  for (let round = 0; !resting.signal.aborted; round++) {
    const payload = payloads[round % payloads.length];
    if (payload === undefined) return;
    const directory = join(role.folder, `${lane}`);
    const source = metainfoOf(payload.torrent);
    const isAbandoned = round % ABANDONED === 0;
    for (const isLast of isAbandoned ? [false, true] : [true]) {
      if (resting.signal.aborted) break;
      const torrent = session.add({ source, mode: "download", directory, peers: role.peers });
      counts.added++;
      await (isLast ? whole(torrent) : half(torrent));
      await remove(torrent);
    }
    rmSync(directory, { recursive: true, force: true });
  }
}

/** Completed, and then there for others for a moment. */
async function whole(torrent: Torrent): Promise<void> {
  const { promise: late, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => {
    reject(new Error(`A download stands still: ${JSON.stringify(torrent.stats())}`));
  }, STUCK_MS);
  const { promise: stopped, resolve: stop } = Promise.withResolvers<null>();
  const onRest = (): void => stop(null);
  resting.signal.addEventListener("abort", onRest);
  try {
    if ((await Promise.race([torrent.completed, late, stopped])) === null) return;
    counts.completed++;
  } finally {
    clearTimeout(timer);
    resting.signal.removeEventListener("abort", onRest);
  }
  await pause(LINGER_MS);
}

/** Left when a third of it is there. */
async function half(torrent: Torrent): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  torrent.on("piece", ({ haveBytes, totalBytes }) => haveBytes * 3 > totalBytes && resolve());
  resting.signal.addEventListener("abort", () => resolve(), { once: true });
  await Promise.race([promise, torrent.completed.then(() => {})]);
}

function sample(): SoakWord {
  const { heapUsed, external, arrayBuffers } = process.memoryUsage();
  const [heapMB, externalMB, buffersMB] = [heapUsed, external, arrayBuffers].map((bytes) => bytes / 1e6) as [
    number,
    number,
    number,
  ];
  const resources = process.getActiveResourcesInfo().length;
  return { kind: "sample", heapMB, externalMB, buffersMB, resources, ...counts };
}

/** One stretch of work, until the order to rest; everything that it added is removed again. */
type Stretch = () => Promise<void>;

async function main(role: SoakRole): Promise<void> {
  await using owned = new AsyncDisposableStack();
  const stretch = await open(role, owned);
  for (;;) {
    const order = await nextOrder();
    if (order === "end") return;
    resting = new AbortController();
    await stretch();
    say({ kind: "resting" });
  }
}

async function open(role: SoakRole, owned: AsyncDisposableStack): Promise<Stretch> {
  if (role.kind === "tracker") {
    const tracker = owned.use(await createTracker({ udp: { host: "127.0.0.1", port: 0 } }));
    const [listen] = tracker.udp;
    if (listen === undefined) throw new Error("The tracker listens nowhere.");
    say({ kind: "ready", listen, tracker: `udp://${listen.address}:${listen.port}` });
    return () => pause(2 ** 30);
  }
  const session = owned.use(await Session.open({ listen: { host: "127.0.0.1", port: 0 } }));
  say({ kind: "ready", listen: session.listen, tracker: "" });
  if (role.kind === "seed") return () => seedAll(session, role);
  return async () => {
    await Promise.all(Array.from({ length: role.lanes }, (_, lane) => download(session, role, lane)));
  };
}

let ordered = Promise.withResolvers<"work" | "end">();

/** To work, or that it is the end: orders to rest are for work that is under way. */
async function nextOrder(): Promise<"work" | "end"> {
  const order = await ordered.promise;
  ordered = Promise.withResolvers();
  return order;
}

process.on("message", (order: SoakOrder) => {
  if (order === "sample") say(sample());
  else if (order === "rest") resting.abort();
  else ordered.resolve(order);
});
process.once("disconnect", () => {
  resting.abort();
  ordered.resolve("end");
});
main(JSON.parse(process.argv[2] ?? "") as SoakRole)
  .catch((error: unknown) => {
    say({ kind: "failed", reason: messageOf(error) });
    process.exitCode = 1;
  })
  .finally(() => process.connected && process.disconnect?.());
