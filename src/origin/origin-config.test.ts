import assert from "node:assert/strict";
import { test } from "node:test";
import { ConfigError, formatOriginConfig, parseOriginConfig } from "./origin-config.ts";
import type { OriginConfig } from "./origin-parts.ts";

const config: OriginConfig = {
  title: "Updates",
  publicUrl: "https://updates.example",
  trackers: ["https://updates.example:6969/announce", "udp://updates.example:6969"],
  agent: { name: "A", organization: null, postalAddress: "1 Road", phone: null, email: "a@example.org" },
  mail: { smtpUrl: "smtp://mail.example:25", from: "updates@example.org" },
  trustedProxies: ["127.0.0.1", "10.0.0.0/8", "fd00::/8"],
};

test("parseOriginConfig() reads back what formatOriginConfig() wrote", () => {
  assert.deepEqual(parseOriginConfig(formatOriginConfig(config)), config);
  const least = parseOriginConfig('{"title":"U","publicUrl":"http://localhost:8080/"}');
  assert.deepEqual(least, {
    title: "U",
    publicUrl: "http://localhost:8080",
    trackers: [],
    agent: null,
    mail: null,
    trustedProxies: [],
  });
});

const broken: readonly (readonly [why: string, change: Record<string, unknown>, names: RegExp])[] = [
  ["an unknown key", { colour: "red" }, /colour/],
  ["an unknown key of a part", { mail: { smtpUrl: "smtp://m", from: "a", x: 1 } }, /mail\.x/],
  ["a public URL with a path", { publicUrl: "https://a.example/updates" }, /publicUrl/],
  ["a public URL that is none", { publicUrl: "updates.example" }, /publicUrl/],
  ["a tracker that is no URL", { trackers: ["updates.example"] }, /trackers/],
  ["a network that is none", { trustedProxies: ["10.0.0.0/33"] }, /trustedProxies/],
  ["an empty title", { title: " " }, /title/],
  ["an agent without an address", { agent: { name: "A", email: "a@b.c" } }, /agent\.postalAddress/],
];
for (const [why, change, names] of broken) {
  test(`parseOriginConfig() refuses ${why} by its name`, () => {
    const text = JSON.stringify({ ...config, ...change });
    assert.throws(
      () => parseOriginConfig(text),
      (error) => error instanceof ConfigError && names.test(error.message),
    );
  });
}

test("parseOriginConfig() refuses what is not an object of JSON", () => {
  for (const text of ["", "[]", "null", "{"]) assert.throws(() => parseOriginConfig(text), ConfigError);
});
