import assert from "node:assert/strict";
import { EventEmitter } from "node:events";
import { test } from "node:test";
import { Interrupts } from "./interrupts.ts";

class FakeProcess extends EventEmitter {
  readonly exits: number[] = [];
  exit(code: number): void {
    this.exits.push(code);
  }
}

let now = 0;
const clock = { now: () => now, wallMs: () => now };

test("the first signal aborts, its echo does nothing, the second ends at once", () => {
  const source = new FakeProcess();
  const { signal } = new Interrupts(source, clock);
  source.emit("SIGTERM");
  now += 10;
  source.emit("SIGTERM");
  assert.equal((signal.reason as { code: string }).code, "interrupted");
  assert.deepEqual(source.exits, []);
  now += 1000;
  source.emit("SIGINT");
  assert.deepEqual(source.exits, [130]);
});

test("a Ctrl-C that also comes through the launcher counts once", () => {
  const source = new FakeProcess();
  const interrupts = new Interrupts(source, clock);
  interrupts.followLauncher();
  source.emit("SIGINT");
  now += 5000;
  source.emit("message", { signal: "SIGINT" });
  assert.equal(interrupts.signal.aborted, true);
  assert.deepEqual(source.exits, []);
  now += 1000;
  source.emit("message", { signal: "SIGINT" });
  assert.deepEqual(source.exits, [130]);
});

test("the launcher's death ends the process, and other messages do nothing", () => {
  const source = new FakeProcess();
  const interrupts = new Interrupts(source, clock);
  interrupts.followLauncher();
  for (const message of [null, "SIGINT", { signal: "SIGKILL" }, {}]) source.emit("message", message);
  assert.equal(interrupts.signal.aborted, false);
  source.emit("disconnect");
  assert.equal(source.exits.length, 1);
});

test("SIGHUP reloads where somebody listens and interrupts where nobody does", () => {
  const source = new FakeProcess();
  const interrupts = new Interrupts(source, clock);
  let reloads = 0;
  interrupts.onReload(() => reloads++);
  source.emit("SIGHUP");
  assert.deepEqual([reloads, interrupts.signal.aborted], [1, false]);
  const other = new FakeProcess();
  const without = new Interrupts(other, clock);
  other.emit("SIGHUP");
  assert.equal(without.signal.aborted, true);
});
