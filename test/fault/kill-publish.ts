// `publish` as a victim of kill -9. A release is there with its payload, its metainfo and the signature over both, or not at
// all; a second run publishes it, or says that it is there already; nothing that the killed ones were writing stays. Every
// so often there is no origin yet, and the run that is killed was making it.

import assert from "node:assert/strict";
import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { silentLog, systemClock } from "../../src/core/index.ts";
import type { Random } from "../../src/core/index.ts";
import { parseMetainfo } from "../../src/metainfo/index.ts";
import { openOriginFolder } from "../../src/origin/index.ts";
import { noise, scratchFolder, sha256 } from "../processes/payloads.ts";
import { Upswarm } from "../processes/upswarm.ts";
import { LifeSpan } from "./kill-rounds.ts";
import type { KillOutcome, Left, Victim } from "./kill-rounds.ts";

const PRODUCT = "update";
/** One round in so many makes the origin too. */
const NEW_ORIGIN_EVERY = 5;
const LENGTH_BYTES = 8_000_000;

export async function openPublishVictim(): Promise<Victim> {
  const victim = new PublishVictim(scratchFolder());
  await victim.warm();
  return victim;
}

interface Published {
  readonly outcome: "published" | "same";
  readonly sha256: string;
}

class PublishVictim implements Victim {
  readonly #root: string;
  readonly #passphrase: string;
  readonly #payload: string;
  readonly #bytes = noise(LENGTH_BYTES);
  #data: string;
  #rounds = 0;
  /** Of a publish, and of one that makes the origin. */
  readonly #lives = { publish: new LifeSpan(0), make: new LifeSpan(0) };

  constructor(root: string) {
    this.#root = root;
    this.#passphrase = join(root, "passphrase");
    this.#payload = join(root, "update.bin");
    writeFileSync(this.#passphrase, "for tests and nothing else\n");
    this.#data = join(root, "origin");
  }

  /** How long it takes with nobody in the way. */
  async warm(): Promise<void> {
    // The first run compiles the code for those after it.
    await this.#again(join(this.#root, "first"), this.#write());
    for (const what of ["make", "publish"] as const) {
      await this.#lives[what].measure(this.#again(this.#data, this.#write()));
    }
  }

  async round(random: Random): Promise<KillOutcome> {
    const isNew = this.#rounds % NEW_ORIGIN_EVERY === 0;
    const data = isNew ? join(mkdtempSync(join(this.#root, "new-")), "origin") : this.#data;
    const version = this.#write();
    const before = readdirSync(join(this.#data, "payloads", PRODUCT)).length;
    await using child = this.#publish(data, version);
    const life = this.#lives[isNew ? "make" : "publish"];
    // Half of them near the end, where it signs and stores.
    const killed = await life.kill(child, life.moment(random, random.int(2) === 0 ? 0 : 0.6));
    const staged = listOf(join(data, "staging")).length;
    const isThere = await this.#isPublished(data, version);
    // One that finds its keys made has less to do: it says nothing about the next that makes them.
    const again = this.#again(data, version);
    const { outcome } = await (isNew ? again : life.measure(again));
    assert.equal(outcome, isThere ? "same" : "published");
    assert.ok(await this.#isPublished(data, version), "the second run published it");
    assert.deepEqual(listOf(join(data, "staging")), [], "nothing that was being written stays");
    const kept = listOf(join(data, "payloads", PRODUCT)).length;
    assert.equal(kept, isNew ? 1 : before + 1, "each release has one payload");
    if (isNew) rmSync(join(data, ".."), { recursive: true });
    const left: Left = isThere ? "finished" : staged > 0 ? "unfinished" : "nothing";
    return { killed, left, leftovers: staged };
  }

  finish(): Promise<string> {
    const { publish, make } = this.#lives;
    return Promise.resolve(
      `a run takes ${(publish.ms / 1000).toFixed(2)} s, with a new origin ${(make.ms / 1000).toFixed(2)} s`,
    );
  }

  [Symbol.asyncDispose](): Promise<void> {
    rmSync(this.#root, { recursive: true, force: true });
    return Promise.resolve();
  }

  /** Other bytes under another version. */
  #write(): string {
    const number = ++this.#rounds;
    this.#bytes.writeUInt32BE(number, 0);
    writeFileSync(this.#payload, this.#bytes);
    return `1.${number}`;
  }

  #publish(data: string, version: string): Upswarm {
    const what = ["--product", PRODUCT, "--version", version, "--data", data];
    return new Upswarm(["publish", this.#payload, ...what, "--passphrase-file", this.#passphrase]);
  }

  async #again(data: string, version: string): Promise<Published> {
    await using child = this.#publish(data, version);
    return await child.result<Published>();
  }

  /** All of it, or nothing; half of it is a failure. */
  async #isPublished(path: string, version: string): Promise<boolean> {
    if (!existsSync(join(path, "origin.json"))) return false;
    // What the world sees of the payload; of a staged one nothing.
    await using origin = await openOriginFolder(path, { clock: systemClock, log: silentLog });
    const ref = { product: PRODUCT, version };
    const release = await origin.catalogue.release(ref);
    const repository = await origin.signing.repository();
    const target = `${PRODUCT}/${version}`;
    const isSigned = repository.releases().some((record) => record.product === PRODUCT && record.version === version);
    if (release === null) {
      assert.equal(await origin.catalogue.metainfo(ref), null);
      assert.ok(!isSigned, `${target} is signed`);
      return false;
    }
    const kept = await origin.payloads.artifactPath(ref, release.name);
    assert.ok(kept !== null, `${target} has its payload`);
    assert.equal(sha256(kept), sha256(this.#payload));
    const metainfo = await origin.catalogue.metainfo(ref);
    assert.ok(metainfo !== null);
    assert.equal(parseMetainfo(metainfo).infoHashV2, release.infoHashV2);
    assert.ok(isSigned, `${target} is signed`);
    return true;
  }
}

function listOf(folder: string): readonly string[] {
  return existsSync(folder) ? readdirSync(folder) : [];
}
