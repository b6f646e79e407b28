// Builds dist/ from src/ with tsc alone. Plain JavaScript, so that `npm ci` works before anything is built,
// also on a Node that cannot run TypeScript.
import { spawnSync } from "node:child_process";
import { rmSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const typescript = dirname(createRequire(import.meta.url).resolve("typescript/package.json"));
rmSync(join(root, "dist"), { recursive: true, force: true });
const built = spawnSync(process.execPath, [join(typescript, "bin", "tsc"), "-p", join(root, "tsconfig.build.json")], {
  stdio: "inherit",
});
process.exit(built.status ?? 1);
