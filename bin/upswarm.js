#!/usr/bin/env node
// The launcher: runs the built command line on a Node that is new enough. On an older one it starts the Node of
// node_modules (the package `node`), passes signals on, and ends as that process ends.
// Plain JavaScript of the modest kind, so that an old Node gets as far as the message about its version.

import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import * as nodeModule from "node:module";
import { homedir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

const NODE_MAJOR_MIN = 24;
const main = join(dirname(dirname(fileURLToPath(import.meta.url))), "dist", "cli", "main.js");

if (!existsSync(main)) {
  fail("upswarm: it is not built yet. Run `npm run build` in its folder first.");
} else if (Number(process.versions.node.split(".")[0]) >= NODE_MAJOR_MIN) {
  const folder = compileCache();
  if (folder !== null) nodeModule.enableCompileCache(folder);
  await import(pathToFileURL(main).href);
} else {
  const node = newerNode();
  if (node === null) fail(`upswarm: it needs Node ${NODE_MAJOR_MIN} or later; this is Node ${process.versions.node}.`);
  else launch(node);
}

/**
 * Where compiled code is kept from one run to the next, in a folder of this user's. Node's own choice lies in the folder
 * for temporary files, where anybody may put compiled code of theirs before us. Null where this user has no home.
 */
function compileCache() {
  try {
    return join(process.env.XDG_CACHE_HOME || join(homedir(), ".cache"), "upswarm");
  } catch {
    return null;
  }
}

/** The binary of the package `node`, from the folder of upswarm upwards, or null. */
function newerNode() {
  try {
    const require = nodeModule.createRequire(import.meta.url);
    const folder = dirname(require.resolve("node/package.json"));
    const binary = join(folder, "bin", process.platform === "win32" ? "node.exe" : "node");
    return existsSync(binary) ? binary : null;
  } catch {
    return null;
  }
}

/**
 * The channel does what signals cannot: it closes when this process dies, however it dies, and the child then ends
 * too; and it tells the child which signals came through here, so that a Ctrl-C that reached both counts once.
 */
function launch(node) {
  const cache = compileCache();
  const child = spawn(node, [main, ...process.argv.slice(2)], {
    stdio: ["inherit", "inherit", "inherit", "ipc"],
    env: { ...process.env, UPSWARM_LAUNCHED: "1", ...(cache === null ? {} : { NODE_COMPILE_CACHE: cache }) },
  });
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) {
    process.on(signal, () => {
      if (child.connected) child.send({ signal });
    });
  }
  child.on("error", (error) => fail(`upswarm: ${node} cannot be started: ${error.message}`));
  child.on("exit", (code, signal) => {
    if (signal === null) {
      process.exit(code ?? 1);
    } else {
      process.removeAllListeners(signal);
      process.kill(process.pid, signal);
    }
  });
}

function fail(sentence) {
  console.error(sentence);
  process.exitCode = 1;
}
