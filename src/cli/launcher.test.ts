import assert from "node:assert/strict";
import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";

// The launcher as an older Node sees it: a package with a built command line that tells what reaches it.
const root = mkdtempSync(join(tmpdir(), "upswarm-launcher-"));
after(() => rmSync(root, { recursive: true, force: true }));

const child = `
import { Interrupts } from ${JSON.stringify(new URL("interrupts.ts", import.meta.url).href)};
const interrupts = new Interrupts(process, { now: () => performance.now(), wallMs: () => 0 });
if (process.env.UPSWARM_LAUNCHED && process.connected) interrupts.followLauncher();
if (process.argv[2] === "exit") process.exit(Number(process.argv[3]));
if (process.argv[2] === "die") process.kill(process.pid, "SIGKILL");
const alive = setInterval(() => {}, 1000);
interrupts.signal.addEventListener("abort", () => { clearInterval(alive); console.log("clean end"); process.exitCode = 0; });
console.log("ready " + process.pid);
`;

function install(name: string, options: { built: boolean; minimum: number; node: boolean }): string {
  const folder = join(root, name);
  mkdirSync(join(folder, "bin"), { recursive: true });
  const source = readFileSync(new URL("../../bin/upswarm.js", import.meta.url), "utf8");
  assert.match(source, /NODE_MAJOR_MIN = 24;/);
  writeFileSync(join(folder, "bin", "upswarm.js"), source.replace("MIN = 24;", `MIN = ${options.minimum};`));
  writeFileSync(join(folder, "package.json"), '{"type":"module"}');
  if (options.built) {
    mkdirSync(join(folder, "dist", "cli"), { recursive: true });
    writeFileSync(join(folder, "dist", "cli", "main.js"), child);
  }
  // Without its binary where there is to be none, so that no package of a folder above is found instead.
  mkdirSync(join(folder, "node_modules", "node", "bin"), { recursive: true });
  writeFileSync(join(folder, "node_modules", "node", "package.json"), '{"name":"node"}');
  if (options.node) {
    symlinkSync(process.execPath, join(folder, "node_modules", "node", "bin", "node"));
    chmodSync(join(folder, "bin", "upswarm.js"), 0o755);
  }
  return join(folder, "bin", "upswarm.js");
}

const old = install("old", { built: true, minimum: 999, node: true });

function start(
  launcher: string,
  ...argv: string[]
): { process: ChildProcess; ended: Promise<[number | null, string]> } {
  const process_ = spawn(process.execPath, [launcher, ...argv], { stdio: ["ignore", "pipe", "pipe"] });
  const texts: string[] = [];
  process_.stdout.on("data", (data) => texts.push(String(data)));
  process_.stderr.on("data", (data) => texts.push(String(data)));
  const ended = once(process_, "close").then(([code]): [number | null, string] => [
    code as number | null,
    texts.join(""),
  ]);
  return { process: process_, ended };
}

async function readyPid(started: ChildProcess): Promise<number> {
  const [data] = (await once(started.stdout ?? started, "data")) as [Buffer];
  return Number(/ready (\d+)/.exec(String(data))?.[1]);
}

test("the launcher says that nothing is built, and that Node is too old", async () => {
  const unbuilt = await start(install("unbuilt", { built: false, minimum: 24, node: false })).ended;
  assert.deepEqual([unbuilt[0], /npm run build/.test(unbuilt[1])], [1, true]);
  const alone = await start(install("alone", { built: true, minimum: 999, node: false })).ended;
  assert.deepEqual([alone[0], /needs Node 999 or later/.test(alone[1])], [1, true]);
});

test("the launcher ends with the exit code or the signal of what it started", async () => {
  assert.equal((await start(old, "exit", "3").ended)[0], 3);
  const died = start(old, "die");
  assert.equal((await died.ended)[0], null);
  assert.equal(died.process.signalCode, "SIGKILL");
});

test("the launcher passes SIGTERM and SIGINT on, and the child ends cleanly", async () => {
  for (const signal of ["SIGTERM", "SIGINT"] as const) {
    const started = start(old, "wait");
    await readyPid(started.process);
    started.process.kill(signal);
    const [code, text] = await started.ended;
    assert.equal(code, 0);
    assert.match(text, /clean end/);
  }
});

test("no process is left behind when the launcher is killed with -9", async () => {
  const started = start(old, "wait");
  const pid = await readyPid(started.process);
  assert.notEqual(pid, started.process.pid);
  started.process.kill("SIGKILL");
  // The child holds the pipes too: they close only when it has ended as well, and it had no time for a clean end.
  const [, text] = await started.ended;
  assert.equal(text, `ready ${pid}\n`);
});

test("on a new Node the launcher runs the command line in its own process", async () => {
  const started = start(install("new", { built: true, minimum: 24, node: false }), "wait");
  assert.equal(await readyPid(started.process), started.process.pid);
  started.process.kill("SIGTERM");
  assert.equal((await started.ended)[0], 0);
});
