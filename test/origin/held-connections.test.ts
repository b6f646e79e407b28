// Whoever holds the site's connections open does not keep the tracker or anybody's page from being answered.

import assert from "node:assert/strict";
import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { test } from "node:test";
import { makeOrigin, serve } from "./whole-origin.ts";

const HELD = 1_000;

async function hold(port: number, words: string): Promise<Socket> {
  const socket = connect(port, "127.0.0.1");
  // Those that are refused or cut are no error here: that is what a limit does.
  socket.on("error", () => {});
  await once(socket, "connect");
  socket.write(words);
  return socket;
}

test("a thousand idle connections and heads that never end stop neither the tracker nor the site", async () => {
  const place = await makeOrigin();
  await using origin = await serve(place);
  const { http, tracker } = place.ports;
  const held: Socket[] = [];
  for (let index = 0; index < HELD; index++) {
    held.push(await hold(http, index % 2 === 0 ? "" : "GET / HTTP/1.1\r\nHost: a\r\nX-Slow: "));
  }
  try {
    for (let time = 0; time < 20; time++) {
      const hash = "%00".repeat(20);
      const query = `info_hash=${hash}&peer_id=-XX0000-abcdefghijkl&port=${time + 1}&uploaded=0&downloaded=0&left=1`;
      const answer = await fetch(`http://127.0.0.1:${tracker}/announce?${query}`);
      assert.match(await answer.text(), /failure reason/, "it does not serve this torrent, and says so");
    }
    assert.ok(origin.trackerStats().refused >= 20);
    assert.equal((await fetch(`${place.url}/healthz`)).status, 200);
  } finally {
    for (const socket of held) socket.destroy();
  }
});
