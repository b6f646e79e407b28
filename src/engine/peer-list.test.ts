import assert from "node:assert/strict";
import { test } from "node:test";
import {
  PEER_LIST_MAX,
  PEER_LIST_PER_ADDRESS_MAX,
  PEER_RETRY_ALONE_MAX_MS,
  PEER_RETRY_MAX_MS,
  parseInfoHash,
  seededRandom,
} from "../core/index.ts";
import type { Endpoint } from "../core/index.ts";
import { PeerList } from "./peer-list.ts";

const door = parseInfoHash("11".repeat(20));
const at = (port: number, address = "10.0.0.1"): Endpoint => ({ address, port });
/** Of as many addresses as there are numbers. */
const one = (number: number): Endpoint => at(7, `10.1.${number >> 8}.${number & 255}`);
const create = (): PeerList => new PeerList(seededRandom(1));

test("PeerList.add() refuses port 0, the banned, ourselves and more than it can hold", () => {
  const list = create();
  list.ban(at(1), false);
  list.ban(at(2, "10.0.0.2"), true);
  list.markOurs(at(3));
  for (const endpoint of [at(0), at(1), at(9, "10.0.0.2"), at(3)]) assert.equal(list.add(endpoint, door), false);
  for (let number = 0; number < PEER_LIST_MAX; number++) list.add(one(number), door);
  assert.equal(list.size, PEER_LIST_MAX);
  assert.equal(list.add(at(60_000), door), false);
});

test("PeerList takes PEER_LIST_PER_ADDRESS_MAX ports of one address and no more, but on loopback, until one is gone", () => {
  const list = create();
  for (let port = 1; port <= PEER_LIST_PER_ADDRESS_MAX; port++) assert.equal(list.add(at(port), door), true);
  assert.equal(list.add(at(60_000), door), false);
  assert.equal(list.add(at(60_000, "10.0.0.2"), door), true);
  list.ban(at(1), false);
  assert.equal(list.add(at(60_000), door), true);
  for (let port = 1; port <= 2 * PEER_LIST_PER_ADDRESS_MAX; port++) {
    assert.equal(list.add(at(port, "127.0.0.1"), door), true);
  }
});

test("PeerList makes room for a new endpoint by dropping the one that failed most", () => {
  const list = create();
  for (let number = 0; number < PEER_LIST_MAX; number++) list.add(one(number), door);
  list.ended(one(7), "failed", 0, door);
  assert.equal(list.add(at(60_000), door), true);
  assert.equal(list.size, PEER_LIST_MAX);
  list.ended(one(7), "failed", 0, door);
  assert.equal(list.add(at(60_001), door), false, "7 is gone, and nobody else has failed");
});

test("PeerList.take() gives each endpoint once until it has ended, and waits longer after each failure", () => {
  const list = create();
  list.add(at(1), door);
  let now = 0;
  const waits: number[] = [];
  for (let attempt = 0; attempt < 14; attempt++) {
    let waited = 0;
    while (list.take(now) === null) {
      now += 250;
      waited += 250;
    }
    assert.equal(list.take(now), null, "it is busy");
    list.ended(at(1), "failed", now, door);
    waits.push(waited);
  }
  assert.equal(waits[0], 0);
  assert.ok((waits[4] ?? 0) > (waits[1] ?? 0) * 2, waits.join(" "));
  assert.ok(Math.max(...waits) <= PEER_RETRY_MAX_MS + 250);
});

test("PeerList.take() prefers those that failed least, and finds what was added while it was quiet", () => {
  const list = create();
  list.add(at(1), door);
  list.ended(at(1), "failed", 0, door);
  assert.equal(list.take(10), null);
  list.add(at(2), door);
  assert.equal(list.take(10)?.endpoint.port, 2);
  list.ended(at(2), "useful", 10, door);
  assert.equal(list.take(1_000_000)?.endpoint.port, 2);
});

test("PeerList keeps a peer that has everything away for long where we have everything too", () => {
  const list = create();
  list.add(at(1), door);
  list.take(0);
  list.ended(at(1), "complete", 0, door);
  assert.equal(list.take(PEER_RETRY_MAX_MS / 2 - 1), null);
  assert.notEqual(list.take(PEER_RETRY_MAX_MS), null);
});

test("PeerList remembers the door that opened where none was named", () => {
  const list = create();
  list.add(at(1), null);
  assert.deepEqual([list.take(0)?.infoHash, list.take(0)], [null, null]);
  list.ended(at(1), "failed", 0, door);
  const second = list.take(500);
  assert.deepEqual([second?.infoHash, second?.failures], [null, 1]);
  list.ended(at(1), "useful", 500, door);
  assert.equal(list.take(100_000)?.infoHash, door);
});

test("PeerList lets whoever has nobody try again soon, however often it failed", () => {
  const list = create();
  list.add(at(1), door);
  let now = 0;
  for (let failure = 0; failure < 20; failure++) {
    assert.notEqual(list.take(now), null, `after ${failure} failures`);
    list.ended(at(1), "failed", now, door, true);
    now += PEER_RETRY_ALONE_MAX_MS;
  }
  list.take(now);
  list.ended(at(1), "failed", now, door, false);
  assert.equal(list.take(now + PEER_RETRY_ALONE_MAX_MS), null);
});
