import assert from "node:assert/strict";
import { test } from "node:test";
import { rejection, unaborted } from "./local-server.test.ts";
import { resolveTarget } from "./resolve-host.ts";
import type { ResolveOptions } from "./resolve-host.ts";
import { strictUrlPolicy } from "./url-policy.ts";

function options(addresses: readonly string[], more: Partial<ResolveOptions> = {}): ResolveOptions {
  return {
    purpose: "web-seed",
    policy: strictUrlPolicy,
    resolve: async () => addresses,
    timeoutMs: 5_000,
    signal: unaborted,
    ...more,
  };
}

void test("resolveTarget() leaves out the addresses that the policy forbids and keeps the others in order", async () => {
  const url = new URL("http://mixed.example/f?token=1");
  assert.deepEqual(await resolveTarget(url, options(["127.0.0.1", "203.0.113.2", "10.0.0.1", "2001:db8::1"])), [
    "203.0.113.2",
    "2001:db8::1",
  ]);
  await rejection(resolveTarget(url, options(["127.0.0.1", "::1"])), "net.policy-local-web-seed-query");
});

void test("resolveTarget() sees a local address through every way to write it", async () => {
  for (const host of ["127.1", "0x7f000001", "2130706433", "[::1]", "[::ffff:7f00:1]", "0177.0.0.1"]) {
    const web = new URL(`http://${host}/f?x=1`);
    await rejection(resolveTarget(web, options(["203.0.113.1"])), "net.policy-local-web-seed-query");
    const tracker = new URL(`udp://${host}:80/reboot`);
    const asTracker = options(["203.0.113.1"], { purpose: "tracker" });
    await rejection(resolveTarget(tracker, asTracker), "net.policy-loopback-tracker-path");
  }
});

void test("resolveTarget() returns few addresses, of the family asked for", async () => {
  const many = Array.from({ length: 100 }, (_, index) => `203.0.113.${index}`);
  const url = new URL("http://many.example/f");
  assert.equal((await resolveTarget(url, options(many))).length, 4);
  assert.deepEqual(await resolveTarget(url, options([...many, "2001:db8::1"], { family: "ipv6" })), ["2001:db8::1"]);
  const error = await rejection(resolveTarget(url, options(many, { family: "ipv6" })), "net.resolve");
  assert.match(error.message, /many\.example has no IPv6 address/);
});

void test("resolveTarget() rejects where the resolver fails, answers nonsense or never answers", async () => {
  const url = new URL("http://h.example/f");
  const failing = options([], { resolve: () => Promise.reject(new Error("ENOTFOUND")) });
  assert.equal((await rejection(resolveTarget(url, failing), "net.resolve")).retryable, true);
  await rejection(resolveTarget(url, options([])), "net.resolve");
  await rejection(resolveTarget(url, options(["localhost", ""])), "net.resolve");
  const silent = { resolve: () => new Promise<never>(() => {}) };
  await rejection(resolveTarget(url, options([], { ...silent, timeoutMs: 5 })), "net.timeout");
  const controller = new AbortController();
  const aborted = resolveTarget(url, options([], { ...silent, signal: controller.signal }));
  controller.abort(new Error("enough"));
  await assert.rejects(aborted, /enough/);
});
