// A download from peers of which some spoil every block that they send. All of them answer whatever they are asked at once.

import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { join } from "node:path";
import type { TestContext } from "node:test";
import { truncateInfoHash } from "../../src/core/index.ts";
import { noise, openSession, publish, soon, temporaryFolder } from "../../src/engine/engine-fixture.test.ts";
import type { Published } from "../../src/engine/engine-fixture.test.ts";
import { listen } from "../../src/engine/wire-peer.test.ts";
import type { WirePeer } from "../../src/engine/wire-peer.test.ts";
import type { Torrent } from "../../src/engine/index.ts";

export interface PoisonOptions {
  readonly honestCount: number;
  readonly liarCount: number;
  readonly lengthBytes: number;
}

export interface PoisonResult {
  readonly torrent: Torrent;
  readonly payload: Published;
  /** Where the artifact stands in the end. */
  readonly finalPath: string;
  /** Liars that were asked for anything. */
  readonly heardLiars: number;
  readonly seconds: number;
}

const PIECE_BYTES = 65_536;

/** Runs it to the end. Fails at the first block at which something stands under the final name. */
export async function poisonedDownload(t: TestContext, options: PoisonOptions): Promise<PoisonResult> {
  const { honestCount, liarCount, lengthBytes } = options;
  const bytes = noise(lengthBytes, "poisoned");
  const payload = await publish(t, { files: bytes, pieceLengthBytes: PIECE_BYTES });
  const { infoHashV1, infoHashV2 } = payload.metainfo;
  const infoHash = infoHashV1 ?? (infoHashV2 === null ? null : truncateInfoHash(infoHashV2));
  assert.ok(infoHash !== null);
  const directory = await temporaryFolder(t);
  const finalPath = join(directory, payload.metainfo.name);
  const session = await openSession(t);
  const serve = (isLiar: boolean) => (piece: number, begin: number, length: number) => {
    assert.equal(existsSync(finalPath), false, "nothing stands under the final name before all is verified");
    const at = piece * PIECE_BYTES + begin;
    const block = Buffer.from(bytes.subarray(at, at + length));
    if (isLiar) block[length - 1] = (block[length - 1] ?? 0) ^ 0xff;
    return block;
  };
  const peers: { readonly isLiar: boolean; readonly listener: { readonly peers: readonly WirePeer[] } }[] = [];
  const endpoints = [];
  for (let index = 0; index < honestCount + liarCount; index++) {
    const isLiar = index < liarCount;
    const listener = await listen(t, { infoHash, answer: serve(isLiar) });
    peers.push({ isLiar, listener });
    endpoints.push(listener.endpoint);
  }
  const beganAt = performance.now();
  const torrent = session.add({ source: payload.metainfo, mode: "download", directory, peers: endpoints });
  await soon(torrent.completed, "the poisoned download");
  const seconds = (performance.now() - beganAt) / 1_000;
  const heard = peers.filter(
    ({ isLiar, listener }) => isLiar && listener.peers.some((peer) => peer.requests.length > 0),
  );
  return { torrent, payload, finalPath, heardLiars: heard.length, seconds };
}
