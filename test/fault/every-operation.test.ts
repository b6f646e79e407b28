// Every operation on files that a download does fails once: first an input/output error or a full disk, and writes that
// do less than they were asked to. The download goes on by itself, or after `retry`, or ends with a sentence; started
// again it has all that it had, and in the end every byte is right and nothing else lies beside it.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import type { Endpoint } from "../../src/core/index.ts";
import {
  contentsOf,
  FOLDER,
  publish,
  seed,
  SINGLE,
  soon,
  temporaryFolder,
  workers,
} from "../../src/engine/engine-fixture.test.ts";
import type { Published } from "../../src/engine/engine-fixture.test.ts";
import { Session, StorageError } from "../../src/engine/index.ts";
import { scratchFolder } from "../processes/payloads.ts";
import { FailingFiles, failEach } from "./failing-files.ts";

const root = join(scratchFolder(), "faulty");
const failing = FailingFiles.install(root);

/** Every operation with `UPSWARM_FAULTS=all`, else each second one. */
const step = process.env["UPSWARM_FAULTS"] === "all" ? 1 : 2;

interface Run {
  /** Null where the download was completed. */
  readonly error: unknown;
  /** Verified when it ended. */
  readonly haveBytes: number;
  readonly localBytes: number;
}

/** What `get` does: the first thing that storage reports ends it. With `retries` it tries again instead. */
async function download(payload: Published, peer: Endpoint, directory: string, retries = 0): Promise<Run> {
  await using session = await Session.open({ listen: { host: "127.0.0.1", port: 0 }, workers });
  const torrent = session.add({ source: payload.metainfo, mode: "download", directory, peers: [peer] });
  const { promise: failed, reject } = Promise.withResolvers<never>();
  failed.catch(() => {});
  let left = retries;
  torrent.on("warning", (error) => {
    if (left-- <= 0) reject(error);
    else torrent.retry();
  });
  const ended = (error: unknown): Run => {
    const { haveBytes, bytes } = torrent.stats();
    return { error, haveBytes, localBytes: bytes.local };
  };
  try {
    await soon(Promise.race([torrent.completed, failed]), "the download");
    return ended(null);
  } catch (error) {
    return ended(error);
  }
}

/** A sentence of a known code that names a path of the download. */
function checkSentence(error: unknown): void {
  assert.ok(error instanceof StorageError, String(error));
  assert.notEqual(error.code, "storage.closed");
  assert.ok(error.message.includes(root), error.message);
  assert.match(error.message, /^[A-Z]/);
}

interface Start {
  readonly payload: Published;
  readonly peer: Endpoint;
  /** What lies in the folder already: a folder that is copied; null for nothing. */
  readonly template: string | null;
}

async function checkOnce({ payload, peer, template }: Start, at: number, arm: () => void): Promise<string> {
  const directory = join(root, "download");
  const final = join(directory, payload.metainfo.name);
  const expected = await contentsOf(payload.path);
  rmSync(root, { recursive: true, force: true });
  mkdirSync(root);
  // With times to the nanosecond: the journal goes by them.
  if (template !== null) execFileSync("cp", ["-a", template, directory]);
  arm();
  // Each second time it is tried again in the same session.
  const first = await download(payload, peer, directory, (at >> 1) % 2);
  failing.disarm();
  if (existsSync(final)) {
    assert.deepEqual(await contentsOf(final), expected, "what has the final name is whole");
  }
  if (first.error !== null) checkSentence(first.error);
  const second = await download(payload, peer, directory);
  assert.equal(second.error, null, `${String(second.error)} after ${String(first.error)}`);
  assert.ok(second.localBytes >= first.haveBytes, `had ${first.haveBytes}, kept ${second.localBytes}`);
  assert.deepEqual(await contentsOf(final), expected);
  assert.deepEqual(readdirSync(directory), [payload.metainfo.name], "nothing else is left");
  return first.error === null ? "went on" : (first.error as StorageError).code;
}

for (const [version, files, ...codes] of [
  ["hybrid", FOLDER, "EIO", "ENOSPC"],
  ["1", FOLDER, "ENOSPC", "EIO", "EMFILE"],
  ["2", FOLDER, "SHORT"],
  ["2", SINGLE, "EDQUOT", "EROFS"],
] as const) {
  const kind = Array.isArray(files) ? "a folder" : "a file";
  test(`a ${version === "hybrid" ? version : `v${version}`} download of ${kind} survives ${codes.join(", ")} of each operation`, async (t) => {
    const payload = await publish(t, { version, files });
    const { endpoint: peer } = await seed(t, payload);
    await failEach(t, failing, { codes, step }, (at, arm) => checkOnce({ payload, peer, template: null }, at, arm));
  });
}

/** A download that ended on the way, with something verified. Which operation does that is a matter of the threads' turns. */
async function leaveHalf(payload: Published, peer: Endpoint, directory: string): Promise<void> {
  const outcomes: string[] = [];
  for (let at = 40; at <= 100; at += 2) {
    rmSync(directory, { recursive: true, force: true });
    failing.arm(at, "ENOSPC");
    const { haveBytes, error } = await download(payload, peer, directory);
    failing.disarm();
    if (haveBytes > 0 && haveBytes < payload.metainfo.layout.lengthBytes && error !== null) return;
    outcomes.push(`${at}, ${failing.struck}: ${haveBytes} bytes, ${String(error)}`);
  }
  assert.fail(`no download ended on the way: ${outcomes.join("; ")}`);
}

test("a download that is resumed survives EIO of each operation", async (t) => {
  const payload = await publish(t, { files: FOLDER });
  const { endpoint: peer } = await seed(t, payload);
  const template = join(await temporaryFolder(t), "half");
  await leaveHalf(payload, peer, join(root, "half"));
  execFileSync("cp", ["-a", join(root, "half"), template]);
  await failEach(t, failing, { codes: ["EIO", "ENOSPC"], step }, (at, arm) =>
    checkOnce({ payload, peer, template }, at, arm),
  );
});
