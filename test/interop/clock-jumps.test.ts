// The wall clock jumps a day forwards and two days back under processes that run (Debian's faketime; the monotonic clock goes
// on as it is). A download, its seed and their tracker take no notice; an origin whose signatures are suddenly out of date
// signs again by itself, and what it signed in the future still counts when the clock is put right.

import assert from "node:assert/strict";
import { mkdtempSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { fakeTimeLibrary, missing } from "../processes/clients/installed.ts";
import type { On } from "../processes/clients/stock-client.ts";
import { freePort } from "../processes/free-port.ts";
import { noise, scratchFolder, sha256 } from "../processes/payloads.ts";
import { create, Upswarm } from "../processes/upswarm.ts";
import type { GetResult, Progress } from "../processes/upswarm.ts";

const DAY_MS = 86_400_000;
const LENGTH_BYTES = 4_000_000;
const skip = missing("faketime");
const quiet = ["--local-discovery", "off", "--listen", "127.0.0.1:0", "--allow-loopback-tracker-path"];

/** A wall clock that several processes share. */
class WallClock {
  readonly #file: string;

  constructor(folder: string) {
    this.#file = join(folder, "clock");
    this.set(0);
  }

  get on(): On {
    const library = fakeTimeLibrary() ?? "";
    const settings = ["FAKETIME_DONT_FAKE_MONOTONIC=1", "FAKETIME_NO_CACHE=1", "NO_FAKE_STAT=1"];
    return (words) => ["env", `LD_PRELOAD=${library}`, `FAKETIME_TIMESTAMP_FILE=${this.#file}`, ...settings, ...words];
  }

  /** So many days from now. */
  set(days: number): void {
    writeFileSync(`${this.#file}.new`, `${days < 0 ? "" : "+"}${days}d\n`);
    renameSync(`${this.#file}.new`, this.#file);
  }
}

interface Scene {
  readonly folder: string;
  readonly payload: string;
  readonly clock: WallClock;
}

function sceneOf(): Scene {
  const folder = mkdtempSync(join(scratchFolder(), "clock-"));
  const payload = join(folder, "update.bin");
  writeFileSync(payload, noise(LENGTH_BYTES));
  return { folder, payload, clock: new WallClock(folder) };
}

function isBeyond(share: number): (sample: Progress) => boolean {
  return ({ phase, doneBytes }) => phase === "downloading" && doneBytes > share * LENGTH_BYTES;
}

test(
  "a download, its seed and their tracker take no notice of a clock that jumps a day and back",
  { skip },
  async () => {
    const { folder, payload, clock } = sceneOf();
    const { on } = clock;
    await using tracking = new Upswarm(["tracker", "--http", "127.0.0.1:0", "--udp", "127.0.0.1:0"], on);
    const { http, udp } = await tracking.object<{ http: string; udp: string }>(0);
    const trackers = ["--tracker", `http://${http}/announce`, "--tracker", `udp://${udp}/announce`];
    const file = join(folder, "update.torrent");
    await create(payload, file, "--piece-length", "64KiB", ...trackers);
    await using seeding = new Upswarm(["seed", file, payload, "--max-upload", "1MB/s", ...quiet], on);
    await seeding.object(0);
    await using getting = new Upswarm(["get", file, "-o", join(folder, "first"), ...quiet], on);
    await getting.progress(isBeyond(0));
    clock.set(1);
    await getting.progress(isBeyond(0.3));
    clock.set(-1);
    await getting.progress(isBeyond(0.6));
    // Who is killed now goes on under another clock, and fetches nothing twice but what was on its way.
    getting.kill("SIGKILL");
    await getting.ended;
    clock.set(1);
    await using again = new Upswarm(["get", file, "-o", join(folder, "first"), ...quiet], on);
    // The tracker still knows everybody, and whoever comes now finds the seed by it.
    await using late = new Upswarm(["get", file, "-o", join(folder, "late"), ...quiet], on);
    for (const [child, into] of [
      [again, "first"],
      [late, "late"],
    ] as const) {
      const { bytes } = await child.result<GetResult>();
      assert.equal(sha256(join(folder, into, "update.bin")), sha256(payload));
      assert.equal(bytes.hashFailed, 0);
      if (child === again) assert.ok(bytes.local >= LENGTH_BYTES / 2, `${bytes.local} bytes were there`);
    }
  },
);

test(
  "an origin signs again by itself when the clock jumps ahead, and goes on when it is put right",
  { skip },
  async () => {
    const { folder, payload, clock } = sceneOf();
    const { on } = clock;
    const [data, passphrase] = [join(folder, "origin"), join(folder, "passphrase")];
    writeFileSync(passphrase, "for tests and nothing else\n");
    const [site, announce] = [await freePort(), await freePort()];
    const url = `http://127.0.0.1:${site}`;
    const publish = async (version: string): Promise<void> => {
      const argv = ["publish", payload, "--product", "update", "--version", version, "--data", data];
      const trackers = ["--url", url, "--tracker", `http://127.0.0.1:${announce}/announce`];
      await using child = new Upswarm([...argv, "--passphrase-file", passphrase, ...trackers], on);
      await child.result();
    };
    await publish("1");
    const tracker = ["--tracker-http", `127.0.0.1:${announce}`, "--tracker-udp", `127.0.0.1:${announce}`];
    const listen = ["--site-http", `127.0.0.1:${site}`, "--seed-listen", "127.0.0.1:0", ...tracker];
    await using serving = new Upswarm(["serve", "--data", data, ...listen], on);
    await serving.object(0);
    const expiresMs = async (): Promise<number> => {
      const answer = await fetch(`${url}/tuf/timestamp.json`);
      return Date.parse(((await answer.json()) as { signed: { expires: string } }).signed.expires);
    };
    const fetched = async (version: string, into: string): Promise<void> => {
      await using child = new Upswarm(["get", `${url}/update/${version}`, "-o", join(folder, into), ...quiet], on);
      await child.result<GetResult>();
      assert.equal(sha256(join(folder, into, "update.bin")), sha256(payload));
    };
    await fetched("1", "now");
    clock.set(2);
    const deadline = performance.now() + 60_000;
    while ((await expiresMs()) < Date.now() + 2 * DAY_MS) {
      assert.ok(performance.now() < deadline, "the timestamp is signed again");
      await new Promise((resolve) => setTimeout(resolve, 200));
    }
    await fetched("1", "ahead");
    clock.set(0);
    await fetched("1", "back");
    writeFileSync(payload, noise(LENGTH_BYTES, 2));
    await publish("2");
    await fetched("2", "next");
  },
);
