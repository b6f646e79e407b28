// What every catalogue does, whatever it is stored in: the contract of src/origin/catalogue/catalogue.ts as tests. A test
// file of each implementation runs `catalogueContract`, each entry on a place of its own.

import assert from "node:assert/strict";
import { parseInfoHash, truncateInfoHash } from "../../src/core/index.ts";
import type { Catalogue, ListPart } from "../../src/origin/catalogue/catalogue.ts";
import type { Release } from "../../src/origin/domain.ts";
import { refused, type Contract } from "./catalogue-place.ts";
import { countingContract, signingContract } from "./catalogue-signing.ts";
import { sampleRelease, sampleWithdrawal, signing, withMetainfo } from "./sample-release.ts";

const one = sampleRelease({
  product: "node",
  version: "24.1.0",
  vendor: {
    name: "OpenJS Foundation",
    url: "https://nodejs.org/en/blog",
    hashes: [
      { algorithm: "sha1", hex: "cd".repeat(20) },
      { algorithm: "sha512", hex: "ab".repeat(64) },
    ],
  },
  notes: "Mends 100% of what_was broken",
});
const two = sampleRelease({
  product: "node",
  version: "25.0.0",
  sequence: 2,
  channel: "beta",
  kind: "folder",
  fileCount: 12,
  sha256: null,
  sha1: null,
  vendor: { name: "OpenJS Foundation", url: null, hashes: [] },
  publishedAt: one.publishedAt + 1000,
});
const other = sampleRelease({ product: "archive", version: "1.0", publishedAt: one.publishedAt + 2000 });

async function publishAll(catalogue: Catalogue, ...releases: readonly Release[]): Promise<void> {
  for (const [index, release] of releases.entries()) {
    await catalogue.publish(withMetainfo(release), signing(index + 1));
  }
}

function namesOf(releases: readonly Release[]): readonly string[] {
  return releases.map(({ product, version }) => `${product}/${version}`);
}

const reading: Contract = {
  "an empty catalogue has nothing and says so": async (place) => {
    await using opened = await place.open();
    const { catalogue } = opened;
    for (const list of [
      await catalogue.products(),
      await catalogue.releases("node"),
      await catalogue.recent(10),
      await catalogue.search("node", 10),
    ]) {
      assert.deepEqual(list, []);
    }
    for (const none of [
      await catalogue.release(one),
      await catalogue.newest("node", "stable"),
      await catalogue.byInfoHash(one.infoHashV1),
      await catalogue.metainfo(one),
      await catalogue.signedFile("timestamp.json"),
    ]) {
      assert.equal(none, null);
    }
    assert.equal((await catalogue.currentlySigned()).size, 0);
  },

  "what was published reads back as it was, also after reopening": async (place) => {
    {
      await using opened = await place.open();
      await publishAll(opened.catalogue, one, two, other);
    }
    await using opened = await place.open();
    const { catalogue } = opened;
    for (const release of [one, two, other]) {
      assert.deepEqual(await catalogue.release(release), release);
      assert.deepEqual(await catalogue.metainfo(release), withMetainfo(release).metainfo);
    }
    assert.deepEqual(await catalogue.products(), [
      { name: "archive", releaseCount: 1, newest: other },
      { name: "node", releaseCount: 2, newest: two },
    ]);
    assert.deepEqual(await catalogue.releases("node"), [two, one]);
    assert.deepEqual(await catalogue.recent(2), [other, two]);
    assert.equal(await catalogue.release({ product: "node", version: "1" }), null);
  },
};

function part<Position>(after: Position | null, countMax = 1): ListPart<Position> {
  return { after, countMax };
}

const listing: Contract = {
  "products() and releases() give parts that join to the whole, and go on where one ended": async (place) => {
    await using opened = await place.open();
    const { catalogue } = opened;
    await publishAll(catalogue, one, two, other);
    const [all, releases] = [await catalogue.products(), await catalogue.releases("node")];
    assert.deepEqual(await catalogue.products(part<string>(null)), all.slice(0, 1));
    assert.deepEqual(await catalogue.products(part("archive")), all.slice(1));
    assert.deepEqual(await catalogue.products(part("archi", 9)), all);
    assert.deepEqual(await catalogue.products(part("node", 9)), []);
    assert.deepEqual(await catalogue.releases("node", part<number>(null)), releases.slice(0, 1));
    // What is published meanwhile comes before what was seen, and moves nothing.
    await catalogue.publish(withMetainfo(sampleRelease({ product: "node", version: "26", sequence: 3 })), signing(4));
    assert.deepEqual(await catalogue.releases("node", part(2)), releases.slice(1));
    assert.deepEqual(await catalogue.releases("node", part(1)), []);
    assert.deepEqual(await catalogue.releases("archive", part(9, 9)), [other]);
  },
};

const finding: Contract = {
  "newest() goes by channel and passes over what is withdrawn": async (place) => {
    await using opened = await place.open();
    const { catalogue } = opened;
    const later = sampleRelease({ product: "node", version: "24.2.0", sequence: 3 });
    await publishAll(catalogue, one, two, later);
    assert.deepEqual(await catalogue.newest("node", "stable"), later);
    assert.deepEqual(await catalogue.newest("node", "beta"), two);
    await catalogue.withdraw(later, sampleWithdrawal, signing(4));
    assert.deepEqual(await catalogue.newest("node", "stable"), one);
    assert.equal(await catalogue.newest("node", "nightly"), null);
    assert.equal(await catalogue.newest("archive", "stable"), null);
  },

  "search() wants all the words, in any of the texts and hashes": async (place) => {
    await using opened = await place.open();
    const { catalogue } = opened;
    await publishAll(catalogue, one, two, other);
    const found = async (query: string): Promise<readonly string[]> => namesOf(await catalogue.search(query, 10));
    const both = ["node/25.0.0", "node/24.1.0"];
    assert.deepEqual(await found("node"), both);
    assert.deepEqual(await found("  NODE  openjs "), both);
    assert.deepEqual(await found("node 24.1"), ["node/24.1.0"]);
    assert.deepEqual(await found("archive openjs"), []);
    assert.deepEqual(await found("mends"), ["node/24.1.0"]);
    assert.deepEqual(await found(other.sha256?.toUpperCase() ?? ""), ["archive/1.0"]);
    assert.deepEqual(await found("ab".repeat(20)), ["node/24.1.0"]);
    assert.deepEqual(await found(two.infoHashTwin.slice(0, 12)), ["node/25.0.0"]);
    assert.deepEqual(await found("   "), []);
    assert.deepEqual(namesOf(await catalogue.search("tar", 2)), ["archive/1.0", "node/25.0.0"]);
  },

  "search() takes the signs of patterns and of SQL for letters": async (place) => {
    await using opened = await place.open();
    const { catalogue } = opened;
    await publishAll(catalogue, one, other);
    const found = async (query: string): Promise<readonly string[]> => namesOf(await catalogue.search(query, 10));
    assert.deepEqual(await found("100%"), ["node/24.1.0"]);
    assert.deepEqual(await found("t_w"), ["node/24.1.0"]);
    for (const query of ["%", "_", "n_de", "arch%ive", "\\", "'", "' or 1=1 --", '"', "*", "?", "\u0000"]) {
      const isReal = query === "%" || query === "_";
      assert.deepEqual(await found(query), isReal ? ["node/24.1.0"] : [], query);
    }
  },

  "byInfoHash() knows all three, the v2 one in its 20 bytes": async (place) => {
    await using opened = await place.open();
    const { catalogue } = opened;
    await publishAll(catalogue, one, two);
    for (const infoHash of [two.infoHashV1, two.infoHashTwin, truncateInfoHash(two.infoHashV2)]) {
      assert.deepEqual(await catalogue.byInfoHash(infoHash), two);
    }
    assert.equal(await catalogue.byInfoHash(parseInfoHash("00".repeat(20))), null);
  },
};

const changing: Contract = {
  "a version is never replaced, and a refused publish leaves no trace": async (place) => {
    await using opened = await place.open();
    const { catalogue } = opened;
    await publishAll(catalogue, one);
    const before = await catalogue.currentlySigned();
    const again = { ...one, name: "something else", sequence: 2 };
    await refused("catalogue.exists", catalogue.publish(withMetainfo(again), signing(2)));
    await refused("catalogue.conflict", catalogue.publish(withMetainfo({ ...two, sequence: 1 }), signing(2)));
    await refused("catalogue.conflict", catalogue.publish(withMetainfo(two), signing(1, "somebody else")));
    assert.deepEqual(await catalogue.releases("node"), [one]);
    assert.deepEqual(await catalogue.currentlySigned(), before);
    assert.equal(await catalogue.signedFile("2.targets.json"), null);
  },

  "a withdrawn release stays listed with its withdrawal until it is restored": async (place) => {
    await using opened = await place.open();
    const { catalogue } = opened;
    await publishAll(catalogue, one, two);
    await catalogue.withdraw(two, sampleWithdrawal, signing(3));
    assert.deepEqual(await catalogue.releases("node"), [{ ...two, withdrawal: sampleWithdrawal }, one]);
    assert.equal((await catalogue.products())[0]?.newest.version, "25.0.0");
    assert.deepEqual(await catalogue.metainfo(two), withMetainfo(two).metainfo);
    assert.deepEqual(await catalogue.signedFile("timestamp.json"), signing(3).get("timestamp.json"));
    await refused("catalogue.conflict", catalogue.restore(two, signing(3, "somebody else")));
    assert.deepEqual((await catalogue.release(two))?.withdrawal, sampleWithdrawal);
    await catalogue.restore(two, signing(4));
    assert.deepEqual(await catalogue.release(two), two);
  },

  "several are withdrawn together with what signs that, or none of them is": async (place) => {
    await using opened = await place.open();
    const { catalogue } = opened;
    await publishAll(catalogue, one, two, other);
    const both = [one, two].map((ref) => ({ ref, withdrawal: { ...sampleWithdrawal, reason: ref.version } }));
    const before = await catalogue.currentlySigned();
    const missing = { ref: { product: "node", version: "0" }, withdrawal: sampleWithdrawal };
    await refused("catalogue.unknown", catalogue.withdrawAll([...both, missing], signing(4)));
    await refused("catalogue.conflict", catalogue.withdrawAll(both, signing(3, "somebody else")));
    assert.deepEqual(await catalogue.releases("node"), [two, one]);
    assert.deepEqual(await catalogue.currentlySigned(), before);
    await catalogue.withdrawAll(both, signing(4));
    const reasons = (await catalogue.releases("node")).map(({ withdrawal }) => withdrawal?.reason);
    assert.deepEqual(reasons, ["25.0.0", "24.1.0"]);
    assert.equal((await catalogue.release(other))?.withdrawal, null);
    assert.deepEqual(await catalogue.signedFile("timestamp.json"), signing(4).get("timestamp.json"));
    // Metadata alone, where there is nothing to withdraw.
    await catalogue.withdrawAll([], signing(5));
    assert.deepEqual(await catalogue.signedFile("5.targets.json"), signing(5).get("5.targets.json"));
  },

  "a release that is not there is neither withdrawn nor restored, and nothing is signed": async (place) => {
    await using opened = await place.open();
    const { catalogue } = opened;
    await refused("catalogue.unknown", catalogue.withdraw(one, sampleWithdrawal, signing(1)));
    await refused("catalogue.unknown", catalogue.restore(one, signing(1)));
    assert.equal((await catalogue.currentlySigned()).size, 0);
  },

  "of publishes at once over the same metadata one wins, and the others can tell": async (place) => {
    await using first = await place.open();
    await using second = await place.open();
    const outcomes = await Promise.allSettled(
      ["1", "2", "3"].map((version) => {
        const { catalogue } = version === "2" ? second : first;
        return catalogue.publish(withMetainfo(sampleRelease({ product: "node", version })), signing(1, version));
      }),
    );
    const failures = outcomes.flatMap((outcome) => (outcome.status === "rejected" ? [outcome.reason] : []));
    assert.deepEqual(
      failures.map(({ code, retryable }: { code: string; retryable: boolean }) => [code, retryable]),
      [
        ["catalogue.conflict", true],
        ["catalogue.conflict", true],
      ],
    );
    const [winner] = await first.catalogue.releases("node");
    assert.deepEqual(await second.catalogue.currentlySigned(), signing(1, winner?.version));
  },
};

export const catalogueContract: Contract = {
  ...reading,
  ...listing,
  ...finding,
  ...changing,
  ...signingContract,
  ...countingContract,
};
