// Builds dist/ from src/: the library with tsc, and the command line as one file with its I/O thread as another, because
// a process that loads two hundred modules one by one spends 0.1 s of CPU time on finding them. Plain JavaScript, so
// that `npm ci` works before anything is built, also on a Node that cannot run TypeScript.
import { spawnSync } from "node:child_process";
import { rmSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const typescript = dirname(createRequire(import.meta.url).resolve("typescript/package.json"));
rmSync(join(root, "dist"), { recursive: true, force: true });
const built = spawnSync(process.execPath, [join(typescript, "bin", "tsc"), "-p", join(root, "tsconfig.build.json")], {
  stdio: "inherit",
});
if (built.status !== 0) process.exit(built.status ?? 1);
await build({
  absWorkingDir: root,
  entryPoints: ["src/cli/main.ts", "src/storage/piece-worker.ts", "src/origin/publishing/digest-thread.ts"],
  outdir: "dist/cli",
  entryNames: "[name]",
  bundle: true,
  splitting: true,
  format: "esm",
  platform: "node",
  target: "node24",
  // They are installed beside us, are loaded only by the commands that need them, and some of them (CommonJS) ask for
  // Node's modules in a way that a bundle of ES modules cannot answer.
  packages: "external",
  logLevel: "warning",
});
