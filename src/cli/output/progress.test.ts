import assert from "node:assert/strict";
import { mock, test } from "node:test";
import { followProgress, type ProgressSample } from "./progress.ts";
import { barLine, plainLine, shareFromPeers } from "./progress-line.ts";
import { printable, StatusLine } from "./status-line.ts";

const bytes = { sitePeers: 600, otherPeers: 200, webSeeds: 200, local: 5000, duplicate: 0, hashFailed: 0, uploaded: 0 };
const sample: ProgressSample = {
  phase: "downloading",
  doneBytes: 130 * 1024 ** 2,
  totalBytes: 200 * 1024 ** 2,
  downRate: 40 * 1024 ** 2,
  upRate: 1024,
  peers: 12,
  seeds: 1,
  etaSeconds: 2,
  bytes,
};

test("barLine() fits every width and drops the least important facts first", () => {
  for (let columns = 0; columns <= 200; columns++) {
    assert.ok(barLine(sample, columns, false).length <= Math.max(0, columns - 1), `${columns} columns`);
  }
  const full = "  65 %  130.0 MiB of 200.0 MiB  40.0 MiB/s  2 s left  12 peers  80 % from peers  up 1.0 KiB/s";
  assert.ok(barLine(sample, 160, false).endsWith(full));
  const narrow = barLine(sample, 72, false);
  assert.match(narrow, /65 % {2}130\.0 MiB of 200\.0 MiB/);
  assert.doesNotMatch(narrow, /from peers/);
});

test("barLine() shows 100 % only when all is there", () => {
  assert.match(barLine({ ...sample, doneBytes: sample.totalBytes - 1 }, 160, false), /99 %/);
  assert.match(barLine({ ...sample, doneBytes: sample.totalBytes }, 160, false), /100 %/);
});

test("barLine() and plainLine() do without a total", () => {
  const unknown = {
    ...sample,
    phase: "metadata",
    totalBytes: 0,
    doneBytes: 0,
    etaSeconds: null,
    downRate: 0,
    upRate: 0,
  };
  assert.equal(plainLine({ ...unknown, bytes: null }), "metadata: 0 B/s");
  assert.doesNotMatch(barLine(unknown, 120, false), /%  |NaN/);
});

test("shareFromPeers() counts what was received, not what lay on the disk", () => {
  assert.equal(shareFromPeers(bytes), 0.8);
  assert.equal(shareFromPeers({ ...bytes, sitePeers: 0, otherPeers: 0, webSeeds: 0 }), null);
});

test("followProgress() writes JSON at most four times a second, and the last state", () => {
  mock.timers.enable({ apis: ["setInterval"] });
  let written = "";
  let done = 0;
  const status = new StatusLine((text) => {
    written += text;
  });
  const follower = followProgress(() => ({ ...sample, doneBytes: done }), {
    mode: "json",
    status,
    columns: () => 80,
    color: false,
  });
  for (let ms = 0; ms < 1000; ms += 10) {
    done += 1;
    mock.timers.tick(10);
  }
  assert.equal(written.trimEnd().split("\n").length, 4);
  done = 12_345;
  follower[Symbol.dispose]();
  mock.timers.tick(5000);
  mock.timers.reset();
  const lines = written.trimEnd().split("\n");
  assert.equal(lines.length, 5);
  assert.deepEqual(JSON.parse(lines[4] ?? ""), { type: "progress", ...sample, doneBytes: 12_345 });
});

test("a line above the bar keeps the bar", () => {
  let written = "";
  const status = new StatusLine((text) => {
    written += text;
  });
  status.show("bar");
  status.line("note");
  status.show("bar");
  status.settle();
  assert.equal(written, "bar\r\u001B[Knote\nbar\n");
});

test("printable() shows control and bidi characters instead of obeying them", () => {
  assert.equal(printable("a\u001B[2Jb\u202Ec\rd\n\te"), "a\\u{1b}[2Jb\\u{202e}c\\u{d}d\n\te");
});
