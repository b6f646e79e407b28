// What a person and a script notice, with the process faked: messages, JSON, files.

import assert from "node:assert/strict";
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { temporaryFolder, upswarm, type Ended } from "./fake-process.test.ts";

const root = temporaryFolder();
const at = (...names: string[]): string => join(root, ...names);

/** The one object on stdout. */
function object(ended: Ended): Record<string, unknown> {
  const lines = ended.out.split("\n");
  assert.deepEqual([lines.length, lines[1]], [2, ""], `stdout is one line: ${ended.out}`);
  return JSON.parse(lines[0] ?? "") as Record<string, unknown>;
}

const payload = at("update.bin");
writeFileSync(payload, Buffer.alloc(300_000, "upswarm"));

test("a wrong command, option, value, argument or config file exits with 2, a sentence and a pointer", async () => {
  const config = at("bad.json");
  writeFileSync(config, '{"max-uplod": "1mbit"}');
  const cases: [argv: string[], sentence: RegExp][] = [
    [["craete"], /no command "craete"\. Did you mean upswarm create\? See upswarm --help/],
    [["create", "x", "--ouput", "y"], /no option --ouput\. Did you mean --output\? See upswarm help create/],
    [["create", payload], /-o, --output FILE is missing/],
    [["create", payload, "-o", at("x.torrent"), "--piece-length", "64kb"], /--piece-length: "64kb" is not a size/],
    [
      ["create", payload, "-o", at("x.torrent"), "--tracker", "tracker.example"],
      /--tracker: "tracker.example" is not a URL/,
    ],
    [["create", payload, "-o", at("x.torrent"), "--twin", "y", "--format", "v1"], /--twin/],
    [["inspect"], /FILE\|MAGNET is missing/],
    [["config", "--config", config], /no setting "max-uplod"\. Did you mean max-upload/],
    [["config", "--config", at("absent.json")], /cannot be read/],
    [[], /upswarm --help/],
  ];
  const all = await Promise.all(cases.map(([argv]) => upswarm(argv)));
  for (const [index, ended] of all.entries()) {
    const [argv, sentence] = cases[index] ?? [[], /$^/];
    assert.deepEqual([ended.code, ended.out], [2, ""], argv.join(" "));
    assert.match(ended.err, sentence);
    assert.equal(ended.err.trimEnd().split("\n").length, 1, ended.err);
  }
});

test("with --json a failure is one object on stdout", async () => {
  const wrong = await upswarm(["inspect", "--json", "--nonsense"]);
  assert.equal(wrong.code, 2);
  assert.equal((object(wrong)["error"] as { code: string }).code, "usage.option");
  const invalid = await upswarm(["inspect", "--json", payload]);
  assert.equal(invalid.code, 3);
  const { code, message } = object(invalid)["error"] as { code: string; message: string };
  assert.match(code, /^metainfo\./);
  assert.match(message, /\.$/);
  const absent = await upswarm(["inspect", "--json", at("absent.torrent")]);
  assert.equal(absent.code, 1);
  assert.deepEqual(object(absent)["error"], {
    code: "cli.not-found",
    message: `${at("absent.torrent")} cannot be read: there is no such file.`,
  });
});

test("create, inspect and verify agree, and stdout has exactly the contract's fields", async () => {
  const argv = [
    "create",
    payload,
    "-o",
    at("u.torrent"),
    "--twin",
    at("u.v1.torrent"),
    "--tracker",
    "http://tracker.example/announce",
  ];
  const created = await upswarm([...argv, "--json", "--progress", "json"]);
  assert.equal(created.code, 0, created.err);
  const made = object(created);
  assert.deepEqual(Object.keys(made), [
    "infoHashV1",
    "infoHashV2",
    "magnet",
    "name",
    "lengthBytes",
    "fileCount",
    "pieceLengthBytes",
    "pieceCount",
    "seconds",
  ]);
  assert.deepEqual([made["name"], made["lengthBytes"], made["fileCount"]], ["update.bin", 300_000, 1]);
  for (const line of created.err.trimEnd().split("\n")) {
    assert.equal((JSON.parse(line) as { type: string }).type, "progress");
  }
  const first = readFileSync(at("u.torrent"));
  assert.equal((await upswarm(argv)).code, 0);
  assert.deepEqual(readFileSync(at("u.torrent")), first, "the same bytes and options give the same file");

  const seen = object(await upswarm(["inspect", at("u.torrent"), "--json"]));
  for (const key of Object.keys(made)) if (key !== "seconds") assert.deepEqual(seen[key], made[key], key);
  const { version, trackers, webSeeds } = seen;
  assert.deepEqual(
    [version, trackers, webSeeds, seen["private"]],
    ["hybrid", ["http://tracker.example/announce"], [], false],
  );
  const twin = object(await upswarm(["inspect", at("u.v1.torrent"), "--json"]));
  assert.deepEqual([twin["version"], twin["infoHashV2"], twin["pieceCount"]], ["1", null, made["pieceCount"]]);

  for (const torrent of [at("u.torrent"), at("u.v1.torrent")])
    assert.equal((await upswarm(["verify", torrent, payload])).code, 0);
  const damaged = readFileSync(payload);
  damaged[200_000] = 0;
  writeFileSync(at("damaged.bin"), damaged);
  const bad = await upswarm(["verify", at("u.torrent"), at("damaged.bin"), "--json"]);
  assert.equal(bad.code, 3);
  const verdict = object(bad);
  assert.deepEqual([verdict["badPieces"], verdict["badFiles"]], [[3], [{ path: "update.bin", reason: "hash" }]]);
  assert.equal((verdict["error"] as { code: string }).code, "verify.failed");
});

test("create takes a folder with an empty file, an executable, a link and a name that is not ASCII", async () => {
  const folder = at("tree");
  mkdirSync(join(folder, "süß"), { recursive: true });
  writeFileSync(join(folder, "empty"), "");
  writeFileSync(join(folder, "süß", "日本.txt"), "x".repeat(70_000));
  writeFileSync(join(folder, "run"), "#!/bin/sh\n");
  chmodSync(join(folder, "run"), 0o755);
  symlinkSync("süß/日本.txt", join(folder, "link"));
  const created = object(await upswarm(["create", at("tree"), "-o", at("tree.torrent"), "--json"]));
  assert.equal(created["fileCount"], 4);
  const { files } = object(await upswarm(["inspect", at("tree.torrent"), "--json"])) as { files: { path: string }[] };
  assert.deepEqual(
    files.map(({ path }) => path),
    ["empty", "link", "run", "süß/日本.txt"],
  );
  assert.equal((await upswarm(["verify", at("tree.torrent"), root])).code, 0);
});

test("create leaves alone what is no .torrent, refuses a place in the payload, and leaves nothing behind", async () => {
  writeFileSync(at("notes.txt"), "my notes");
  const over = await upswarm(["create", payload, "-o", at("notes.txt")]);
  assert.equal(over.code, 1);
  assert.equal(readFileSync(at("notes.txt"), "utf8"), "my notes");
  mkdirSync(at("inner"));
  writeFileSync(at("inner", "a"), "a");
  assert.equal((await upswarm(["create", at("inner"), "-o", at("inner/x.torrent")])).code, 2);
  assert.equal((await upswarm(["create", payload, "-o", payload])).code, 2);
  assert.equal((await upswarm(["create", at("inner"), "-o", at("absent/x.torrent")])).code, 1);
  assert.equal((await upswarm(["create", at("absent"), "-o", at("x.torrent")])).code, 1);
  assert.equal(existsSync(at("x.torrent")), false);
  assert.deepEqual(
    readdirSync(root).filter((name) => name.endsWith(".tmp")),
    [],
  );
});

test("config shows each setting with the source that provided it", async () => {
  const config = at("upswarm", "config.json");
  mkdirSync(at("upswarm"));
  writeFileSync(config, '{"max-upload": "5MiB/s", "progress": "none", "listen": "10.0.0.1:6881"}');
  const env = { XDG_CONFIG_HOME: root, UPSWARM_MAX_UPLOAD: "20mbit", UPSWARM_LISTEN: "[::1]:7000" };
  const { settings, files } = object(await upswarm(["config", "--json", "--listen", ":9"], { env })) as {
    settings: Record<string, { value: unknown; source: string; from: string | null }>;
    files: string[];
  };
  const seen = ["listen", "max-upload", "progress", "log"].map((name) => {
    const { value, source, from } = settings[name] ?? {};
    return [value, source, from];
  });
  assert.deepEqual(seen, [
    [":9", "flag", "--listen"],
    ["20mbit", "variable", "UPSWARM_MAX_UPLOAD"],
    ["none", "file", config],
    ["text", "default", null],
  ]);
  assert.deepEqual(files, [config]);
  const slip = object(await upswarm(["config", "--json"], { env: { UPSWARM_MAX_UPLAOD: "1mbit" } }));
  assert.deepEqual(slip["unknownVariables"], ["UPSWARM_MAX_UPLAOD"]);
  const bad = await upswarm(["config"], { env: { ...env, UPSWARM_MAX_UPLOAD: "20" } });
  assert.equal(bad.code, 2);
  assert.match(bad.err, /UPSWARM_MAX_UPLOAD: "20" is not a rate/);
});

test("help names every option, variable and exit code, and ends with examples", async () => {
  const [general, create, asked, version] = await Promise.all([
    upswarm(["--help"]),
    upswarm(["help", "create"]),
    upswarm(["create", "--help"]),
    upswarm(["--version"]),
  ]);
  for (const name of ["create", "inspect", "verify", "seed", "get", "tracker", "config"]) {
    assert.match(general.out, new RegExp(`^  ${name} `, "m"));
  }
  assert.match(general.out, /130 +interrupted/);
  assert.equal(create.out, asked.out);
  assert.match(create.out, /Examples:\n {2}# .*\n {2}upswarm create/);
  assert.ok(create.out.split("\n").every((line) => line.length <= 110));
  assert.match(version.out, /^\d+\.\d+\.\d+\n$/);
  assert.deepEqual([general.code, create.code, version.code], [0, 0, 0]);
});
