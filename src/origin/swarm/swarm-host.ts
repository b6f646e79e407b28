// The swarms of all releases: a first seed each, what the tracker serves, live figures, traffic. It follows the
// catalogue: what is published is allowed and seeded, what is withdrawn is refused by name and not seeded.
// Invariant: after follow() returns, tracker and seeds are as the catalogue was when it was called.
// Deliberately not here: who may withdraw, and where payloads lie.

import {
  COMPLETIONS_REMEMBERED_MAX,
  LIVE_SAMPLE_MS,
  messageOf,
  ORIGIN_FOLLOW_MS,
  TRAFFIC_FLUSH_MS,
  truncateInfoHash,
} from "../../core/index.ts";
import type { Clock, InfoHash, Log } from "../../core/index.ts";
import type { Session } from "../../engine/index.ts";
import type { Tracker } from "../../tracker/index.ts";
import type { Catalogue } from "../catalogue/catalogue.ts";
import { refOf, type LiveSwarm, type Release, type ReleaseRef } from "../domain.ts";
import type { Swarms } from "../origin-parts.ts";
import type { PayloadStore } from "../payloads/payload-store.ts";
import { FirstSeed } from "./first-seed.ts";
import type { LastPeers } from "./last-peers.ts";
import { LiveHistory } from "./live-history.ts";
import { TrafficLedger } from "./traffic-ledger.ts";

export interface SwarmHostDeps {
  readonly session: Session;
  readonly tracker: Pick<Tracker, "setAllowed" | "withdraw" | "restore" | "census">;
  readonly catalogue: Catalogue;
  readonly payloads: Pick<PayloadStore, "artifactPath">;
  readonly lastPeers: LastPeers;
  /** A release was withdrawn, here or by another process: downloads under way end. */
  readonly onWithdrawn: (ref: ReleaseRef) => void;
  readonly clock: Clock;
  readonly log: Log;
}

interface Hosted {
  release: Release;
  seed: FirstSeed | null;
  readonly history: LiveHistory;
}

type Listener = (live: LiveSwarm) => void;

export class SwarmHost implements Swarms, AsyncDisposable {
  readonly #deps: SwarmHostDeps;
  readonly #hosted = new Map<string, Hosted>();
  /** Also of releases that are not hosted yet: a page may be opened within the second after its publishing. */
  readonly #listeners = new Map<string, Set<Listener>>();
  readonly #byInfoHash = new Map<InfoHash, Hosted>();
  readonly #refused = new Set<InfoHash>();
  readonly #completions = new Set<string>();
  readonly #ledger: TrafficLedger;
  readonly #timers: readonly NodeJS.Timeout[];
  #following: Promise<void> = Promise.resolve();
  #changeNumber = -1;

  constructor(deps: SwarmHostDeps) {
    this.#deps = deps;
    this.#ledger = new TrafficLedger(deps.catalogue);
    this.#timers = [
      setInterval(() => this.#logged("follow", this.#followChanges()), ORIGIN_FOLLOW_MS),
      setInterval(() => this.#logged("sample", this.#sample()), LIVE_SAMPLE_MS),
      setInterval(() => this.#logged("flush", this.#ledger.flush()), TRAFFIC_FLUSH_MS),
    ];
  }

  /** Brings tracker and seeds to what the catalogue says now. */
  follow(): Promise<void> {
    const next = this.#following.then(() => this.#follow());
    // One that failed must not keep the next from being tried; whoever called is told by its own promise.
    this.#following = next.catch(() => {});
    return next;
  }

  /** For the tracker: a machine has all of it. Those that announce several of a release's info-hashes count once. */
  completed(infoHash: InfoHash, peerKey: string): void {
    const hosted = this.#byInfoHash.get(infoHash);
    if (hosted === undefined) return;
    const key = `${refOf(hosted.release)} ${peerKey}`;
    if (this.#completions.has(key)) return;
    this.#completions.add(key);
    if (this.#completions.size > COMPLETIONS_REMEMBERED_MAX) {
      for (const oldest of this.#completions) {
        this.#completions.delete(oldest);
        break;
      }
    }
    this.#ledger.add(hosted.release, { completed: 1 });
  }

  async live(ref: ReleaseRef): Promise<LiveSwarm> {
    const hosted = this.#hosted.get(refOf(ref));
    this.#countSeed(hosted);
    const traffic = await this.#ledger.total(ref);
    const census = await this.#census(ref, hosted);
    return {
      ...census,
      originRate: hosted?.seed?.upRate ?? 0,
      traffic,
      history: hosted?.history.samples ?? [],
    };
  }

  subscribe(ref: ReleaseRef, listener: Listener): () => void {
    const key = refOf(ref);
    const listeners = this.#listeners.get(key) ?? new Set();
    this.#listeners.set(key, listeners.add(listener));
    return () => {
      listeners.delete(listener);
      if (listeners.size === 0 && this.#listeners.get(key) === listeners) this.#listeners.delete(key);
    };
  }

  sentByHttp(ref: ReleaseRef, sent: Parameters<Swarms["sentByHttp"]>[1]): void {
    this.#ledger.add(ref, sent);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const timer of this.#timers) clearInterval(timer);
    await this.#following;
    for (const hosted of this.#hosted.values()) this.#countSeed(hosted);
    await Promise.all([...this.#hosted.values()].map(async ({ seed }) => await seed?.[Symbol.asyncDispose]()));
    await this.#ledger.flush();
  }

  async #followChanges(): Promise<void> {
    if ((await this.#deps.catalogue.changeNumber()) !== this.#changeNumber) await this.follow();
  }

  async #follow(): Promise<void> {
    const { catalogue, tracker } = this.#deps;
    const changeNumber = await catalogue.changeNumber();
    const releases = await allReleases(catalogue);
    for (const release of releases) await this.#host(release);
    tracker.setAllowed(releases.filter(({ withdrawal }) => withdrawal === null).flatMap(infoHashesOf));
    for (const release of releases) {
      for (const infoHash of infoHashesOf(release)) this.#refuse(infoHash, release);
    }
    for (const hosted of this.#hosted.values()) await this.#seed(hosted);
    this.#changeNumber = changeNumber;
  }

  async #host(release: Release): Promise<void> {
    const known = this.#hosted.get(refOf(release));
    const hosted = known ?? { release, seed: null, history: new LiveHistory() };
    if (hosted.release.withdrawal === null && release.withdrawal !== null) {
      this.#deps.onWithdrawn(release);
      const { seeds, downloading } = this.#deps.tracker.census(infoHashesOf(release));
      // Our own first seed is none of those that go on.
      await this.#deps.lastPeers.write(release, Math.max(0, seeds + downloading - (hosted.seed === null ? 0 : 1)));
    }
    hosted.release = release;
    this.#hosted.set(refOf(release), hosted);
    for (const infoHash of infoHashesOf(release)) this.#byInfoHash.set(infoHash, hosted);
  }

  #refuse(infoHash: InfoHash, { withdrawal }: Release): void {
    const { tracker } = this.#deps;
    if (withdrawal !== null) {
      tracker.withdraw(infoHash, failureReason(withdrawal.kind));
      this.#refused.add(infoHash);
    } else if (this.#refused.delete(infoHash)) tracker.restore(infoHash);
  }

  /** Starts or ends its seed. A payload that is not there (yet) is tried again with the next change. */
  async #seed(hosted: Hosted): Promise<void> {
    const { catalogue, payloads, log } = this.#deps;
    const { release, seed } = hosted;
    if (release.withdrawal !== null || seed?.isRunning === false) {
      this.#countSeed(hosted);
      hosted.seed = null;
      await seed?.[Symbol.asyncDispose]();
    }
    if (release.withdrawal !== null || hosted.seed !== null) return;
    const metainfo = await catalogue.metainfo(release);
    const path = await payloads.artifactPath(release, release.name);
    if (metainfo === null || path === null) {
      log.write("warn", "seed.no-payload", { release: refOf(release) });
      return;
    }
    hosted.seed = new FirstSeed(this.#deps, metainfo, path);
  }

  /** Of a withdrawn release: those that were there when it was withdrawn, whom nobody can recall. */
  async #census(ref: ReleaseRef, hosted: Hosted | undefined): Promise<Pick<LiveSwarm, "seeds" | "downloading">> {
    if (hosted === undefined) return { seeds: 0, downloading: 0 };
    if (hosted.release.withdrawal === null) return this.#deps.tracker.census(infoHashesOf(hosted.release));
    return { seeds: 0, downloading: await this.#deps.lastPeers.read(ref) };
  }

  #countSeed(hosted: Hosted | undefined): void {
    const sent = hosted?.seed?.takeSentBytes() ?? 0;
    if (hosted !== undefined && sent > 0) this.#ledger.add(hosted.release, { seedBytes: sent });
  }

  /** Of swarms where something happens or somebody looks: a thousand quiet releases cost nothing. */
  async #sample(): Promise<void> {
    for (const [key, { release, history }] of this.#hosted) {
      const listeners = this.#listeners.get(key) ?? new Set();
      const wasBusy = (history.samples.at(-1)?.downloading ?? 0) > 0;
      const isBusy = wasBusy || this.#deps.tracker.census(infoHashesOf(release)).downloading > 0;
      if (!isBusy && listeners.size === 0) continue;
      const { seeds, downloading, traffic } = await this.live(release);
      const originBytes = traffic.seedBytes + traffic.webSeedBytes;
      history.add({ at: this.#deps.clock.wallMs(), seeds, downloading, completed: traffic.completed, originBytes });
      const live = await this.live(release);
      for (const listener of listeners) listener(live);
    }
  }

  /** Of a timer's work: nobody else would hear of it. */
  #logged(what: string, work: Promise<void>): void {
    work.catch((error: unknown) => {
      this.#deps.log.write("error", "swarm.failed", { what, reason: messageOf(error) });
    });
  }
}

async function allReleases(catalogue: Catalogue): Promise<Release[]> {
  const products = await catalogue.products();
  const releases = await Promise.all(products.map(({ name }) => catalogue.releases(name)));
  return releases.flat();
}

/** As announces carry them: of the hybrid torrent twice, and of its v1 twin. */
function infoHashesOf({ infoHashV1, infoHashV2, infoHashTwin }: Release): InfoHash[] {
  return [infoHashV1, truncateInfoHash(infoHashV2), infoHashTwin];
}

/** Stock clients show it to their users, so it says what to do. */
function failureReason(kind: NonNullable<Release["withdrawal"]>["kind"]): string {
  if (kind === "legal")
    return "Withdrawn on a legal demand. See the release's page for whose, and for the vendor's own page.";
  return "Withdrawn by its publisher: do not use it. See the release's page.";
}
