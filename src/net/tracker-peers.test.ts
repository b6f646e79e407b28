import assert from "node:assert/strict";
import { test } from "node:test";
import { endpointOf } from "../core/index.ts";
import type { Endpoint } from "../core/index.ts";
import { believedPeers } from "./tracker-peers.ts";

const at = (address: string): Endpoint => endpointOf(address, 6881) ?? assert.fail(address);
const ours = ["127.0.0.1", "127.9.9.9", "::1", "::ffff:127.0.0.1", "0.0.0.0", "::"].map(at);
const onLink = ["169.254.169.254", "fe80::1"].map(at);
const others = ["10.0.0.1", "192.168.1.1", "fd00::1", "93.184.216.34", "2001:4860::1"].map(at);

test("a tracker leads to no address of our own machine, unless it is on it, and to no link-local one from elsewhere", () => {
  const all = [...ours, ...onLink, ...others];
  for (const tracker of ["93.184.216.34", "2001:4860::2", "10.0.0.9", "fd00::9", "::ffff:10.0.0.9"]) {
    assert.deepEqual(believedPeers(tracker, all), others, tracker);
  }
  assert.deepEqual(believedPeers("169.254.0.7", all), [...onLink, ...others]);
  assert.deepEqual(believedPeers("127.0.0.1", all), all);
});
