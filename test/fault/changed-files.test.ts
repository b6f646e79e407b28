// Files that somebody cuts short, alters, replaces or deletes under a running seed, and under a running download. The seed
// says which file and goes on with the others; whoever downloads never takes a bad byte for a good one; a download whose
// own files were spoiled says so and is whole after the next run.

import assert from "node:assert/strict";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  renameSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { describe, test } from "node:test";
import { noise, scratchFolder, treeOf } from "../processes/payloads.ts";
import { create, get, seed } from "../processes/upswarm.ts";
import type { GetResult, Upswarm } from "../processes/upswarm.ts";

const SIZES = { "a.bin": 400_000, "b.bin": 2_000_000, "c.bin": 500_000 } as const;
const B_BYTES = SIZES["b.bin"];
const REST_BYTES = SIZES["a.bin"] + SIZES["c.bin"];

const root = scratchFolder();

const harms: Readonly<Record<string, (path: string) => void>> = {
  "cut short": (path) => truncateSync(path, 70_000),
  "altered in place": (path) => writeFileSync(path, noise(B_BYTES, 99), { flag: "r+" }),
  "replaced by another": (path) => {
    writeFileSync(`${path}.other`, noise(B_BYTES, 98));
    renameSync(`${path}.other`, path);
  },
  deleted: (path) => rmSync(path),
};

interface Scene {
  readonly folder: string;
  readonly payload: string;
  readonly file: string;
  readonly tree: Readonly<Record<string, string>>;
}

async function sceneOf(): Promise<Scene> {
  const folder = mkdtempSync(join(root, "scene-"));
  const payload = join(folder, "release");
  mkdirSync(payload);
  writePayload(payload);
  const file = join(folder, "release.torrent");
  await create(payload, file, "--piece-length", "64KiB");
  return { folder, payload, file, tree: treeOf(payload) };
}

function writePayload(payload: string): void {
  for (const [index, [name, length]] of Object.entries(SIZES).entries()) {
    writeFileSync(join(payload, name), noise(length, index));
  }
}

function hasEnded({ process: { exitCode, signalCode } }: Upswarm): boolean {
  return exitCode !== null || signalCode !== null;
}

/** Nothing has the final name, or all that has is good. */
function checkNothingBad(folder: string, tree: Scene["tree"]): void {
  const artifact = join(folder, "release");
  if (existsSync(artifact)) assert.deepEqual(treeOf(artifact), tree);
}

describe("files changed under a running seed", { concurrency: 2 }, () => {
  for (const [what, harm] of Object.entries(harms)) {
    test(`a file that is ${what} under a running seed is named, and nobody takes it for good`, async () => {
      const { folder, payload, file, tree } = await sceneOf();
      const received = join(folder, "received");
      const first = await seed(file, payload, "--max-upload", "800kB/s");
      await using seeding = first.child;
      {
        await using getting = get(file, received, "--peer", first.peer);
        await getting.progress(({ phase, doneBytes }) => phase === "downloading" && doneBytes > 0);
        harm(join(payload, "b.bin"));
        await seeding.until("the file's name", ({ err }) => (/files\.changed.*b\.bin/.test(err) ? true : undefined));
        assert.equal(hasEnded(seeding), false, "the seed goes on");
        assert.equal(hasEnded(getting), false, "the download waits for somebody who has it");
        checkNothingBad(received, tree);
      }
      // Who comes now is offered what is there and no more, and does not find the seed a liar.
      await using late = get(file, join(folder, "late"), "--peer", first.peer);
      await late.progress(({ doneBytes }) => doneBytes >= REST_BYTES);
      assert.equal(hasEnded(late), false);
      checkNothingBad(join(folder, "late"), tree);
      // Put right and started again, it serves all of it, and the interrupted download takes only what it lacks.
      assert.equal((await seeding.stop<{ bytes: { hashFailed: number } }>()).bytes.hashFailed, 0);
      writePayload(payload);
      const second = await seed(file, payload);
      await using _again = second.child;
      await using finishing = get(file, received, "--peer", second.peer);
      const { bytes } = await finishing.result<GetResult>();
      assert.deepEqual(treeOf(join(received, "release")), tree);
      assert.ok(bytes.local > 0 && bytes.hashFailed === 0, JSON.stringify(bytes));
    });
  }
});

describe("files changed under a running get", { concurrency: 2 }, () => {
  // The others are tested where they are noticed: src/storage/unaltered.test.ts.
  for (const what of ["altered in place", "deleted"]) {
    const harm = harms[what];
    assert.ok(harm !== undefined);
    test(`a file that is ${what} under a running get is named, and the next run is whole`, async () => {
      const { folder, payload, file, tree } = await sceneOf();
      const received = join(folder, "received");
      const { child, peer } = await seed(file, payload, "--max-upload", "1500kB/s");
      await using _seeding = child;
      await using getting = get(file, received, "--peer", peer);
      // Near its end, so that what was changed is written to no more or hardly.
      await getting.progress(({ doneBytes }) => doneBytes > B_BYTES);
      getting.kill("SIGSTOP");
      harm(join(received, "release.part", "b.bin"));
      getting.kill("SIGCONT");
      const code = await getting.end();
      checkNothingBad(received, tree);
      if (code !== 0) {
        assert.equal(code, 1, getting.err);
        assert.match(getting.lines.join(""), /"code":"storage\.(?:changed|short|missing)".*b\.bin/);
        await using again = get(file, received, "--peer", peer);
        const { bytes } = await again.result<GetResult>();
        assert.equal(bytes.local + bytes.sitePeers, B_BYTES + REST_BYTES);
      }
      assert.deepEqual(treeOf(join(received, "release")), tree);
      assert.deepEqual(readdirSync(received), ["release"]);
    });
  }
});
