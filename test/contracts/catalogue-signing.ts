// The contract of the catalogue: what is signed, what is counted, and how one sees that something changed.

import assert from "node:assert/strict";
import { refused, type Contract } from "./catalogue-place.ts";
import { rootFile, sampleRelease, sampleWithdrawal, signing, withMetainfo } from "./sample-release.ts";

const one = sampleRelease({ product: "node", version: "24.1.0" });
const two = sampleRelease({ product: "node", version: "25.0.0", sequence: 2 });

export const signingContract: Contract = {
  "current are all roots, the highest version of each role, and the timestamp": async (place) => {
    await using opened = await place.open();
    const { catalogue } = opened;
    await catalogue.sign(new Map([...rootFile(1), ...signing(1)]));
    await catalogue.sign(new Map([...rootFile(3), ...rootFile(2)]));
    // A delegated role may be called almost anything.
    await catalogue.sign(new Map([...signing(9), ["1.1.node.json", Buffer.from("one")]]));
    await catalogue.sign(new Map([...signing(10), ["2.1.node.json", Buffer.from("two")]]));
    const current = await catalogue.currentlySigned();
    assert.deepEqual([...current.keys()].toSorted(), [
      "1.root.json",
      "10.snapshot.json",
      "10.targets.json",
      "2.1.node.json",
      "2.root.json",
      "3.root.json",
      "timestamp.json",
    ]);
    assert.deepEqual(current.get("timestamp.json"), signing(10).get("timestamp.json"));
    assert.deepEqual(await catalogue.signedFile("1.targets.json"), signing(1).get("1.targets.json"));
  },

  "a numbered file never changes, and nothing older is signed over something newer": async (place) => {
    await using opened = await place.open();
    const { catalogue } = opened;
    await catalogue.sign(new Map([...rootFile(1), ...signing(5)]));
    // The same again is no change.
    await catalogue.sign(new Map([...rootFile(1), ...signing(5)]));
    const stale = signing(5, "somebody else");
    const only = (name: string, files = stale): Map<string, Buffer> => new Map([[name, files.get(name) as Buffer]]);
    await refused("catalogue.conflict", catalogue.sign(only("5.targets.json")));
    await refused("catalogue.conflict", catalogue.sign(only("timestamp.json")));
    await refused("catalogue.conflict", catalogue.sign(only("4.snapshot.json", signing(4))));
    await refused("catalogue.conflict", catalogue.sign(only("timestamp.json", signing(4))));
    assert.deepEqual(await catalogue.currentlySigned(), new Map([...rootFile(1), ...signing(5)]));
    await catalogue.sign(only("timestamp.json", signing(6)));
    assert.deepEqual(await catalogue.signedFile("timestamp.json"), signing(6).get("timestamp.json"));
  },
};

export const countingContract: Contract = {
  "traffic adds up, over restarts and from several processes": async (place) => {
    await using first = await place.open();
    const none = { seedBytes: 0, webSeedBytes: 0, directBytes: 0, completed: 0, directDownloads: 0 };
    assert.deepEqual(await first.catalogue.traffic(one), none);
    {
      await using second = await place.open();
      await second.catalogue.addTraffic(one, { seedBytes: 5, completed: 1 });
      await first.catalogue.addTraffic(one, { seedBytes: 7_000_000_000_000, directBytes: 3, directDownloads: 1 });
      await second.catalogue.addTraffic(two, { webSeedBytes: 9 });
    }
    assert.deepEqual(await first.catalogue.traffic(one), {
      seedBytes: 7_000_000_000_005,
      webSeedBytes: 0,
      directBytes: 3,
      completed: 1,
      directDownloads: 1,
    });
    assert.deepEqual(await first.catalogue.traffic(two), { ...none, webSeedBytes: 9 });
  },

  "the change number stays while nothing changes and moves when anything did, here or elsewhere": async (place) => {
    await using first = await place.open();
    await using second = await place.open();
    const seen = new Set([await first.catalogue.changeNumber()]);
    const moves = async (change: Promise<void>): Promise<void> => {
      await change;
      const now = await first.catalogue.changeNumber();
      assert.equal(seen.has(now), false);
      assert.equal(await first.catalogue.changeNumber(), now);
      await first.catalogue.products();
      assert.equal(await first.catalogue.changeNumber(), now);
      seen.add(now);
    };
    await moves(first.catalogue.publish(withMetainfo(one), signing(1)));
    await moves(second.catalogue.publish(withMetainfo(two), signing(2)));
    await moves(second.catalogue.withdraw(two, sampleWithdrawal, signing(3)));
    await moves(first.catalogue.restore(two, signing(4)));
    await moves(second.catalogue.addTraffic(two, { seedBytes: 1 }));
    await moves(first.catalogue.sign(signing(5)));
  },
};
