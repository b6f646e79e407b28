import assert from "node:assert/strict";
import { test } from "node:test";
import { transferOptions } from "../common-options.ts";
import { createProgram } from "../program.ts";
import type { Option } from "./command.ts";
import { configPaths, parseConfigFile } from "./config-file.ts";
import { resolveOptions, settingsOf, type Sources } from "./settings.ts";

const options = {
  maxUpload: { kind: "rate", summary: "", default: "unlimited", infinity: "unlimited", setting: true },
  peers: { kind: "list", of: "endpoint", summary: "", setting: true },
  strict: { kind: "flag", summary: "", setting: true },
  count: { kind: "count", summary: "", setting: true },
  name: { kind: "string", summary: "" },
} as const satisfies Record<string, Option>;

const file = (path: string, content: unknown) => parseConfigFile(path, JSON.stringify(content), settingsOf([options]));
const resolve = (sources: Partial<Sources>) =>
  resolveOptions(options, { flags: new Map(), env: {}, files: [], ...sources });

function failure(sources: Partial<Sources>): string {
  try {
    resolve(sources);
  } catch (error) {
    return (error as Error).message;
  }
  return "";
}

test("a setting comes from the flag, else the variable, else the first file, else the default", () => {
  const flags = new Map([["maxUpload", ["1MB/s"]]]);
  const env = { UPSWARM_MAX_UPLOAD: "2MB/s" };
  const files = [file("/user", { "max-upload": "3MB/s" }), file("/system", { "max-upload": "4MB/s", strict: true })];
  const seen = [{ flags, env, files }, { env, files }, { files }, { files: files.slice(1) }, {}].map((sources) => {
    const resolved = resolve(sources).get("maxUpload");
    return [resolved?.value, resolved?.source, resolved?.from];
  });
  assert.deepEqual(seen, [
    [1_000_000, "flag", "--max-upload"],
    [2_000_000, "variable", "UPSWARM_MAX_UPLOAD"],
    [3_000_000, "file", "/user"],
    [4_000_000, "file", "/system"],
    [Infinity, "default", null],
  ]);
  assert.equal(resolve({ files }).get("strict")?.from, "/system");
});

test("a bad value names the source that it came from", () => {
  assert.match(
    failure({ flags: new Map([["maxUpload", ["5MiB"]]]) }),
    /^--max-upload: "5MiB" is not a rate: .*unlimited/,
  );
  assert.match(failure({ env: { UPSWARM_STRICT: "perhaps" } }), /^UPSWARM_STRICT: "perhaps" is neither true nor false/);
  assert.match(
    failure({ files: [file("/user", { peers: ["a:1", "b"] })] }),
    /^"peers" in \/user: "b" is not HOST:PORT/,
  );
});

test("an empty variable is no value, and a variable splits a list at spaces", () => {
  assert.equal(resolve({ env: { UPSWARM_MAX_UPLOAD: "" } }).get("maxUpload")?.source, "default");
  assert.deepEqual(resolve({ env: { UPSWARM_PEERS: " a:1  [::1]:2 " } }).get("peers")?.value, [
    { host: "a", port: 1 },
    { host: "::1", port: 2 },
  ]);
});

test("what is no setting comes from the flag alone", () => {
  assert.equal(resolve({ env: { UPSWARM_NAME: "x" } }).get("name")?.value, null);
  assert.throws(() => file("/user", { name: "x" }), { code: "usage.config" });
});

test("parseConfigFile() rejects what is not an object of known settings of the right type", () => {
  const known = settingsOf([options]);
  for (const text of [
    "",
    "[]",
    "null",
    '"x"',
    "{",
    '{"max-upload": 3}',
    '{"strict": "yes"}',
    '{"peers": [1]}',
    '{"count": true}',
  ]) {
    assert.throws(() => parseConfigFile("/c", text, known), { code: "usage.config" }, text);
  }
  assert.throws(() => parseConfigFile("/c", '{"max-uplod": "1mbit"}', known), {
    message: 'Config file /c: there is no setting "max-uplod". Did you mean max-upload?',
  });
  assert.deepEqual(parseConfigFile("/c", '{"count": 3, "peers": "a:1"}', known).settings.get("count"), ["3"]);
});

test("configPaths() follows XDG_CONFIG_HOME where it is absolute, and the home folder otherwise", () => {
  assert.equal(configPaths({ XDG_CONFIG_HOME: "/x", HOME: "/h" })[0], "/x/upswarm/config.json");
  assert.equal(configPaths({ XDG_CONFIG_HOME: "x", HOME: "/h" })[0], "/h/.config/upswarm/config.json");
  assert.deepEqual(configPaths({}), ["/etc/upswarm/config.json"]);
});

test("a setting means the same in every command", () => {
  const seen = new Map<string, Option>();
  for (const command of createProgram("1").commands) {
    for (const [key, option] of Object.entries(settingsOf([command.options]))) {
      assert.equal(seen.get(key) ?? option, option, `--${key} of ${command.name} is declared anew`);
      seen.set(key, option);
    }
  }
  assert.ok(Object.keys(transferOptions).every((key) => seen.has(key)));
});
