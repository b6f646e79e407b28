import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import type { LiveSwarm } from "../domain.ts";
import { counted, formatBytes, formatDuration, formatShare } from "./quantities.ts";
import { releaseMark } from "./release-mark.ts";
import { render } from "./html.ts";
import { sparkline } from "./sparkline.ts";
import { figureSamples, swarmFigures } from "./swarm-figures.ts";
import { visitorSystem } from "./visitor-system.ts";

test("sizes have three digits and the next unit in time", () => {
  const shown = [0, 1, 999, 1000, 9_994, 9_996, 99_960, 999_400, 999_600, 278_927_592, 1.5e12, 2e21].map(formatBytes);
  assert.deepEqual(shown, [
    "0 bytes",
    "1 byte",
    "999 bytes",
    "1.00 kB",
    "9.99 kB",
    "10.0 kB",
    "100 kB",
    "999 kB",
    "1.00 MB",
    "279 MB",
    "1.50 TB",
    "2000 EB",
  ]);
});

test("a share is never rounded up to all of it", () => {
  assert.deepEqual([0, 0.9876, 0.99999, 1].map(formatShare), ["0.0 %", "98.7 %", "99.9 %", "100 %"]);
});

test("durations and counts are words", () => {
  const minute = 60_000;
  assert.deepEqual([0, minute, 90 * minute, 47 * 60 * minute, 48 * 60 * minute].map(formatDuration), [
    "less than a minute",
    "1 minute",
    "1 hour",
    "47 hours",
    "2 days",
  ]);
  assert.equal(counted(1, "file"), "1 file");
  assert.equal(counted(12_345, "file"), "12,345 files");
});

const bytes = fc.integer({ min: 0, max: 1e12 });
const swarms: fc.Arbitrary<LiveSwarm> = fc.record({
  seeds: fc.nat(),
  downloading: fc.nat(),
  originRate: bytes,
  traffic: fc.record({
    seedBytes: bytes,
    webSeedBytes: bytes,
    directBytes: bytes,
    completed: fc.nat(1e6),
    directDownloads: fc.nat(),
  }),
  history: fc.constant([]),
});

test("whatever was counted, no bar is longer than its place and no share above 100", () => {
  fc.assert(
    fc.property(swarms, fc.integer({ min: 0, max: 1e12 }), (live, lengthBytes) => {
      const { bars, texts } = swarmFigures({ lengthBytes }, live);
      for (const bar of [bars.direct, bars.origin]) assert.ok(bar >= 0 && bar <= 100);
      assert.ok(texts.peerShare === "–" || Number.parseFloat(texts.peerShare) <= 100);
      assert.doesNotMatch(Object.values(texts).join(), /NaN|Infinity|undefined/);
    }),
  );
});

test("direct downloads are no merit of the swarm and no cost of it", () => {
  const traffic = { seedBytes: 100, webSeedBytes: 100, directBytes: 5000, completed: 10, directDownloads: 5 };
  const { texts } = swarmFigures(
    { lengthBytes: 1000 },
    { seeds: 1, downloading: 0, originRate: 0, traffic, history: [] },
  );
  assert.equal(texts.directCost, "10.0 kB");
  assert.equal(texts.originSent, "200 bytes");
  assert.equal(texts.peerShare, "98.0 %");
  assert.equal(texts.direct, "5 direct downloads, 5.00 kB");
});

test("samples say what completed copies are worth", () => {
  const history = [{ at: 1, seeds: 2, downloading: 3, completed: 4, originBytes: 5 }];
  const live = { seeds: 2, downloading: 3, originRate: 0, history } as unknown as LiveSwarm;
  assert.deepEqual(figureSamples({ lengthBytes: 10 }, live), [
    { at: 1, seeds: 2, downloading: 3, deliveredBytes: 40, originBytes: 5 },
  ]);
});

test("a line begins at the left, ends at the right and stays inside; one point is no line", () => {
  assert.equal(sparkline("x", [{ name: "seeds", values: [1] }]), null);
  fc.assert(
    fc.property(fc.array(fc.integer({ min: -10, max: 1e9 }), { minLength: 2, maxLength: 50 }), (values) => {
      const [, points = ""] = /points="([^"]+)"/.exec(render(sparkline("x", [{ name: "seeds", values }]))) ?? [];
      const pairs = points.split(" ").map((pair) => pair.split(",").map(Number));
      assert.equal(pairs[0]?.[0], 0);
      assert.equal(pairs.at(-1)?.[0], 600);
      assert.ok(pairs.every(([, y = Number.NaN]) => y >= 0 && y <= 120));
    }),
  );
});

test("a mark has 36 dots and follows from the hash", () => {
  const mark = render(releaseMark("ab".repeat(32), 40));
  assert.equal(mark.split("h0").length - 1, 36);
  assert.notEqual(mark, render(releaseMark("ac".repeat(32), 40)));
});

test("the reader's system is guessed from the User-Agent, and phones are nobody's", () => {
  const guesses = [
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64)",
    "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7)",
    "Mozilla/5.0 (X11; Linux x86_64)",
    "Mozilla/5.0 (Linux; Android 15; Pixel 9) Mobile",
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X)",
    "curl/8.5.0",
    undefined,
  ].map(visitorSystem);
  assert.deepEqual(guesses, ["windows", "macos", "linux", "unknown", "unknown", "unknown", "unknown"]);
});
