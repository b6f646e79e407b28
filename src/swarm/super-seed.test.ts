import assert from "node:assert/strict";
import { test } from "node:test";
import { COMPLETE_PEERS_KEPT_MAX, OFFER_STALE_AFTER_MS, OFFERS_PER_PEER_MIN, seededRandom } from "../core/index.ts";
import { bitsOf, fetch, layoutOfPieces, offers, Stage } from "./fixture.test.ts";
import type { SwarmPeer } from "./peer.ts";

const PIECES = 24;
const BLOCK = 16_384;
const all = Array.from({ length: PIECES }, (_, piece) => piece);

function superSeed(): Stage {
  return new Stage(layoutOfPieces(PIECES, 1), { have: bitsOf(PIECES, all), superSeed: true });
}

test("a super-seed serves only what it revealed", () => {
  const stage = superSeed();
  const anna = stage.join("anna", []);
  const offered = offers(stage, "anna");
  assert.equal(offered.length, OFFERS_PER_PEER_MIN);
  const hidden = all.find((piece) => !offered.includes(piece))!;
  assert.ok(!fetch(stage, anna, hidden, 1));
  assert.ok(fetch(stage, anna, offered[0]!, 1));
});

test("a super-seed hands every piece out once before any twice, whoever takes how much", () => {
  const stage = superSeed();
  const peers = new Map(["anna", "bert", "carl"].map((name) => [name, stage.join(name, [])]));
  const random = seededRandom(5);
  const handed: number[] = [];
  const waiting: { name: string; piece: number }[] = [];
  const look = (): void => {
    for (const line of stage.transcript.take(/ have /)) {
      const [name = "", , piece] = line.split(" ");
      handed.push(Number(piece));
      waiting.push({ name, piece: Number(piece) });
    }
  };
  look();
  for (let now = 1; waiting.length > 0 && handed.length < PIECES; now++) {
    const [one] = waiting.splice(random.int(waiting.length), 1);
    const peer = peers.get(one!.name)!;
    assert.ok(fetch(stage, peer, one!.piece, now));
    if (random.int(2) === 0) stage.swarm.peerHave(peer, one!.piece, now);
    stage.swarm.tick(now);
    look();
  }
  assert.deepEqual(
    handed.toSorted((a, b) => a - b),
    all,
  );
});

test("a super-seed goes on at once when a piece was served, without waiting to see it at another peer", () => {
  const stage = superSeed();
  const anna = stage.join("anna", []);
  const [first] = offers(stage, "anna");
  fetch(stage, anna, first!, 1);
  assert.equal(offers(stage, "anna").length, 1);
});

test("a super-seed does not hand out what a peer brought along", () => {
  const stage = superSeed();
  const brought = all.slice(0, PIECES - 1);
  stage.join("bert", brought);
  stage.join("anna", []);
  const handed = stage.transcript.take(/ have /).map((line) => Number(line.split(" ").at(-1)));
  assert.deepEqual(handed, [PIECES - 1]);
});

test("a super-seed hands a piece out again when its only holder left, and only then", () => {
  const stage = superSeed();
  const [anna, bert] = [stage.join("anna", []), stage.join("bert", [])];
  const mine = offers(stage, "anna");
  const rest = all.filter((piece) => !mine.includes(piece));
  for (const piece of mine) {
    fetch(stage, anna, piece, 1);
    stage.swarm.peerHave(anna, piece, 1);
  }
  // Bert gets everything but what Anna has, and one of hers.
  for (const piece of [...rest, mine[0]!]) stage.swarm.peerHave(bert, piece, 2);
  stage.transcript.take();
  stage.swarm.tick(3);
  assert.deepEqual(offers(stage, "bert"), [], "All of it is out.");
  stage.swarm.removePeer(anna, 4);
  stage.swarm.tick(5);
  assert.deepEqual(offers(stage, "bert"), [mine[1]!]);
});

test("a super-seed makes an offer to others too when its peer does not fetch it", () => {
  const stage = superSeed();
  stage.join("anna", []);
  const ignored = offers(stage, "anna");
  const bert = stage.join("bert", [], { now: OFFER_STALE_AFTER_MS - 900 });
  const fetchAll = (from: number, to: number): void => {
    for (let now = from; now <= to; now += 50) {
      stage.swarm.tick(now);
      for (const piece of offers(stage, "bert")) {
        fetch(stage, bert, piece, now);
        stage.swarm.peerHave(bert, piece, now);
      }
    }
  };
  fetchAll(OFFER_STALE_AFTER_MS - 850, OFFER_STALE_AFTER_MS);
  assert.deepEqual(
    all.filter((piece) => !bert.have.has(piece)),
    ignored.toSorted((a, b) => a - b),
  );
  fetchAll(OFFER_STALE_AFTER_MS + 1, OFFER_STALE_AFTER_MS + 200);
  assert.ok(bert.isSeed);
});

test("a super-seed does not take an offer for stale that waits in its own queue", () => {
  const stage = superSeed();
  const anna = stage.join("anna", []);
  const waiting = offers(stage, "anna");
  const bert = stage.join("bert", []);
  stage.swarm.peerInterested(anna, true);
  for (const piece of waiting) stage.swarm.requestReceived(anna, piece, 0, BLOCK);
  const shown: number[] = [];
  let now = 0;
  // Quick enough not to be helped, and not so quick that he is done before Anna's offers are old.
  for (; bert.have.count < PIECES - waiting.length; now += 500) {
    shown.push(...offers(stage, "bert"));
    const piece = shown.shift();
    assert.ok(piece !== undefined && !waiting.includes(piece), "It is Anna's.");
    fetch(stage, bert, piece, now);
    stage.swarm.peerHave(bert, piece, now);
    stage.swarm.tick(now);
  }
  assert.ok(now > OFFER_STALE_AFTER_MS);
  assert.deepEqual([...shown, ...offers(stage, "bert")], []);
});

test("a super-seed goes on showing pieces to a peer that never fetches the first ones, and keeps them from nobody for it", () => {
  const stage = superSeed();
  // Anna had two pieces and cannot read them any more: she never asks for them.
  const anna = stage.join("anna", []);
  const lost = offers(stage, "anna");
  const bert = stage.join("bert", [], { now: OFFER_STALE_AFTER_MS });
  const fetched = new Map([anna, bert].map((peer) => [peer, new Set<number>()]));
  for (let now = OFFER_STALE_AFTER_MS; now < 4 * OFFER_STALE_AFTER_MS; now += 100) {
    stage.swarm.tick(now);
    for (const line of stage.transcript.take(/ have /)) {
      const piece = Number(line.split(" ").at(-1));
      const peer = line.startsWith("anna") ? anna : bert;
      if (peer === anna && lost.includes(piece)) continue;
      assert.ok(fetch(stage, peer, piece, now));
      stage.swarm.peerHave(peer, piece, now);
      fetched.get(peer)?.add(piece);
    }
  }
  assert.equal(anna.have.count, PIECES - lost.length);
  assert.ok(bert.isSeed);
});

test("a super-seed lets a peer fetch what it was shown before it said what it has", () => {
  const stage = superSeed();
  const anna = stage.swarm.addPeer({ source: "otherPeers", fast: false, now: 0 });
  stage.transcript.names.set(anna, "anna");
  stage.swarm.tick(1_000);
  const shown = offers(stage, "anna");
  assert.equal(shown.length, OFFERS_PER_PEER_MIN, "She was silent for long enough.");
  stage.swarm.peerPieces(anna, bitsOf(PIECES, [shown[0]!]), 1_100);
  assert.ok(fetch(stage, anna, shown[1]!, 1_200));
  stage.swarm.audit();
});

test("a super-seed helps a peer that is stuck once one copy is out", () => {
  const stage = superSeed();
  stage.join("rich", all);
  const poor = stage.join("poor", []);
  stage.swarm.tick(1_000);
  assert.deepEqual(offers(stage, "poor"), [], "It may be about to get it from the other.");
  stage.swarm.tick(3_000);
  assert.equal(offers(stage, "poor").length, OFFERS_PER_PEER_MIN);
  assert.ok(!poor.closed);
});

test("a super-seed helps nobody of a crowd that is slow as a whole, but whoever stays far behind it", () => {
  const stage = new Stage(layoutOfPieces(600, 1), { have: bitsOf(600, Array(600).keys()), superSeed: true });
  stage.join("rich", "all");
  const crowd = ["anna", "bert", "carl"].map((name) => stage.join(name, []));
  stage.join("dora", []);
  for (let piece = 0; piece < 50; piece++) {
    const now = 1_000 + piece * 100;
    for (const peer of crowd) stage.swarm.peerHave(peer, piece, now);
    stage.swarm.tick(now);
  }
  const helped = stage.transcript.take(/ have /).map((line) => line.split(" ")[0]);
  assert.deepEqual([...new Set(helped)], ["dora"]);
});

test("a super-seed gives the last pieces to those who pass on soon, and the slow one gets its part before", () => {
  const stage = superSeed();
  const names = ["anna", "bert", "carl", "dora", "slow"];
  const peers = new Map(names.map((name) => [name, stage.join(name, [])]));
  const given = new Map<string, number[]>(names.map((name) => [name, []]));
  const order: string[] = [];
  let spread: { piece: number; by: SwarmPeer; at: number }[] = [];
  for (let now = 100; now < 20_000; now += 100) {
    stage.swarm.tick(now);
    for (const { piece, by } of spread.filter(({ at }) => at <= now)) stage.swarm.peerHave(by, piece, now);
    spread = spread.filter(({ at }) => at > now);
    for (const line of stage.transcript.take(/ have /)) {
      const [name = "", , piece] = line.split(" ");
      given.get(name)!.push(Number(piece));
    }
    const name = names[(now / 100) % names.length]!;
    const piece = given.get(name)!.shift();
    if (piece === undefined || !fetch(stage, peers.get(name)!, piece, now)) continue;
    order.push(name);
    stage.swarm.peerHave(peers.get(name)!, piece, now);
    spread.push({
      piece,
      by: peers.get(name === "anna" ? "bert" : "anna")!,
      at: now + (name === "slow" ? 400 : 100),
    });
  }
  const firstCopy = order.slice(0, PIECES);
  assert.ok(firstCopy.slice(0, PIECES / 2).includes("slow"));
  assert.ok(!firstCopy.slice(-PIECES / 4).includes("slow"), firstCopy.join(" "));
});

test("a super-seed counts a silent peer as one without pieces", () => {
  const stage = superSeed();
  const silent = stage.swarm.addPeer({ source: "sitePeers", fast: false, now: 0 });
  stage.transcript.names.set(silent, "silent");
  stage.swarm.tick(100);
  assert.deepEqual(offers(stage, "silent"), []);
  stage.swarm.tick(600);
  assert.equal(offers(stage, "silent").length, OFFERS_PER_PEER_MIN);
});

test("a super-seed keeps some complete peers, which vouch for the pieces, and closes the others", () => {
  const stage = superSeed();
  for (let index = 0; index < COMPLETE_PEERS_KEPT_MAX + 2; index++) stage.join(`p${index}`, "all");
  assert.equal(stage.transcript.take(/disconnect/).length, 2);
});

test("a super-seed offers nobody a piece that it cannot read any more", () => {
  const stage = superSeed();
  const anna = stage.join("anna", []);
  const [lost] = offers(stage, "anna");
  stage.swarm.pieceUnreadable(lost!);
  assert.ok(!fetch(stage, anna, lost!, 1));
  const got = new Set<number>();
  for (let now = 1; now < 1_000; now++) {
    stage.swarm.tick(now);
    for (const piece of offers(stage, "anna")) {
      assert.notEqual(piece, lost);
      if (fetch(stage, anna, piece, now)) got.add(piece);
    }
  }
  // Of the two that were offered first one is left to fetch.
  assert.equal(got.size, PIECES - 2);
  stage.swarm.audit();
});
