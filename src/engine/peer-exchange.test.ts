import assert from "node:assert/strict";
import { test } from "node:test";
import type { Endpoint } from "../core/index.ts";
import { reachableBy } from "./peer-exchange.ts";

const at = (address: string): Endpoint => ({ address, port: 6881 });
const all = [
  "127.0.0.1",
  "0.0.0.0",
  "::1",
  "::",
  "10.0.0.1",
  "fe80::1",
  "169.254.169.254",
  "93.184.216.34",
  "2001:4860::1",
].map(at);

test("a stranger's exchange leads to no address of our network or machine, and a neighbour's to none of our machine", () => {
  const namedBy = (address: string): string[] => reachableBy(at(address), all).map((endpoint) => endpoint.address);
  assert.deepEqual(namedBy("8.8.8.8"), ["93.184.216.34", "2001:4860::1"]);
  assert.deepEqual(namedBy("10.0.0.9"), ["10.0.0.1", "fe80::1", "169.254.169.254", "93.184.216.34", "2001:4860::1"]);
  assert.equal(namedBy("127.0.0.1").length, all.length);
});
