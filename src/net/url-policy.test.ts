import assert from "node:assert/strict";
import { test } from "node:test";
import { NetError } from "./net-error.ts";
import type { NetErrorCode } from "./net-error.ts";
import { checkAddress, parseTargetUrl, strictUrlPolicy } from "./url-policy.ts";
import type { RedirectSource, UrlPolicy, UrlPurpose } from "./url-policy.ts";

const global = "203.0.113.7";
const fromGlobal: RedirectSource = { protocol: "http:", scope: "global" };
const fromGlobalSecure: RedirectSource = { protocol: "https:", scope: "global" };
const fromPrivate: RedirectSource = { protocol: "http:", scope: "private" };

/** The code with which URL at address is refused, or null. */
function refusal(
  purpose: UrlPurpose,
  url: string,
  address: string,
  from: RedirectSource | null = null,
  policy: UrlPolicy = strictUrlPolicy,
): NetErrorCode | null {
  try {
    checkAddress(parseTargetUrl(url, purpose, policy), address, purpose, policy, from);
    return null;
  } catch (error) {
    assert.ok(error instanceof NetError);
    return error.code;
  }
}

const refused: readonly [UrlPurpose, string, string, RedirectSource | null, NetErrorCode, keyof UrlPolicy | null][] = [
  ["tracker", "http://t/admin", "127.0.0.1", null, "net.policy-loopback-tracker-path", "allowLoopbackTrackerPath"],
  ["tracker", "http://t/", "127.8.8.8", null, "net.policy-loopback-tracker-path", "allowLoopbackTrackerPath"],
  ["tracker", "http://t/announce/x", "::1", null, "net.policy-loopback-tracker-path", "allowLoopbackTrackerPath"],
  [
    "tracker",
    "http://t/x/announce",
    "::ffff:127.0.0.1",
    null,
    "net.policy-loopback-tracker-path",
    "allowLoopbackTrackerPath",
  ],
  ["tracker", "udp://t:1/reboot", "127.0.0.1", null, "net.policy-loopback-tracker-path", "allowLoopbackTrackerPath"],
  ["tracker", "http://t/x", "127.0.0.1", fromGlobal, "net.policy-redirect-to-local", null],
  ["tracker", "http://t/announce?cmd=1", "127.0.0.1", null, "net.policy-local-tracker-query", "allowLocalTrackerQuery"],
  ["tracker", "http://t/any?cmd=1", "10.0.0.1", null, "net.policy-local-tracker-query", "allowLocalTrackerQuery"],
  [
    "tracker",
    "http://t/any?cmd=1",
    "169.254.169.254",
    null,
    "net.policy-local-tracker-query",
    "allowLocalTrackerQuery",
  ],
  ["tracker", "udp://t:1/announce?cmd=1", "fd00::1", null, "net.policy-local-tracker-query", "allowLocalTrackerQuery"],
  ["web-seed", "http://s/f?x=1", "127.0.0.1", null, "net.policy-local-web-seed-query", "allowLocalWebSeedQuery"],
  ["web-seed", "https://s/f?x=1", "192.168.1.1", null, "net.policy-local-web-seed-query", "allowLocalWebSeedQuery"],
  ["web-seed", "http://s/f?x=1", "fe80::1", fromPrivate, "net.policy-local-web-seed-query", "allowLocalWebSeedQuery"],
  ["web-seed", "http://s/f", "127.0.0.1", fromGlobal, "net.policy-redirect-to-local", "allowRedirectToLocal"],
  ["web-seed", "http://s/f", "10.0.0.1", fromGlobal, "net.policy-redirect-to-local", "allowRedirectToLocal"],
  ["web-seed", "http://s/f", "127.0.0.1", fromPrivate, "net.policy-redirect-to-local", "allowRedirectToLocal"],
  ["metainfo", "http://s/f.torrent", "::1", fromGlobal, "net.policy-redirect-to-local", "allowRedirectToLocal"],
  ["metainfo", "http://s/f.torrent", global, fromGlobalSecure, "net.policy-redirect-to-http", "allowRedirectToHttp"],
  ["tracker", "http://s/announce", global, fromGlobalSecure, "net.policy-redirect-to-http", "allowRedirectToHttp"],
  ["tracker", "http://u:p@t/announce", global, null, "net.policy-credentials", "allowCredentials"],
  ["web-seed", "http://u@t/f", global, null, "net.policy-credentials", "allowCredentials"],
  ["tracker", "ftp://t/announce", global, null, "net.policy-scheme", null],
  ["tracker", "file:///etc/passwd", global, null, "net.policy-scheme", null],
  ["web-seed", "udp://t:1/f", global, null, "net.policy-scheme", null],
  ["metainfo", "data:,x", global, null, "net.policy-scheme", null],
  ["tracker", "not a URL", global, null, "net.url-syntax", null],
  ["tracker", "udp:announce", global, null, "net.url-syntax", null],
  ["tracker", `http://t/${"a".repeat(5_000)}`, global, null, "net.url-syntax", null],
];

void test("the URL policy refuses what a torrent's author could aim at a local service, and each setting lifts its rule", () => {
  for (const [purpose, url, address, from, code, setting] of refused) {
    assert.equal(refusal(purpose, url, address, from), code, `${purpose} ${url} at ${address}`);
    if (setting === null) continue;
    assert.equal(
      refusal(purpose, url, address, from, { ...strictUrlPolicy, [setting]: true }),
      null,
      `${setting} ${url}`,
    );
    const others = Object.fromEntries(Object.keys(strictUrlPolicy).map((key) => [key, key !== setting]));
    assert.equal(refusal(purpose, url, address, from, { ...strictUrlPolicy, ...others }), code, `without ${setting}`);
  }
});

void test("the URL policy lets trackers, seeds and redirects of companies and of the public pass", () => {
  const permitted: readonly [UrlPurpose, string, string, RedirectSource | null][] = [
    ["tracker", "http://localhost:6969/announce", "127.0.0.1", null],
    ["tracker", "http://localhost:6969/scrape", "::1", null],
    ["tracker", "udp://localhost:6969", "127.0.0.1", null],
    ["tracker", "udp://localhost:6969/announce", "::1", null],
    ["tracker", "http://tracker.corp/passkey/announce.php", "10.1.2.3", null],
    ["tracker", "https://tracker.example/announce?passkey=x", global, null],
    ["tracker", "http://tracker.corp/announce?info_hash=x", "10.1.2.3", fromPrivate],
    ["web-seed", "http://mirror.corp/pub/", "192.168.0.9", null],
    ["web-seed", "http://127.0.0.1:8080/file", "127.0.0.1", null],
    ["web-seed", "https://cdn.example/f?token=x", global, null],
    ["web-seed", "http://cdn.example/f?token=x", global, fromGlobalSecure],
    ["web-seed", "http://mirror.corp/f", "10.0.0.1", fromPrivate],
    ["web-seed", "http://cdn.example/f", global, fromPrivate],
    ["metainfo", "http://user:pass@127.0.0.1/any?x=1", "127.0.0.1", null],
  ];
  for (const [purpose, url, address, from] of permitted) {
    assert.equal(refusal(purpose, url, address, from), null, `${purpose} ${url} at ${address}`);
  }
});

void test("a refusal names the rule and the setting, and neither the query nor the password", () => {
  const url = parseTargetUrl("http://t/announce?passkey=secret", "tracker", strictUrlPolicy);
  assert.throws(
    () => checkAddress(url, "10.0.0.1", "tracker", strictUrlPolicy),
    (error: NetError) => {
      assert.match(error.message, /no query arguments .*http:\/\/t\/announce.*allowLocalTrackerQuery/);
      assert.doesNotMatch(error.message, /secret/);
      assert.equal(error.retryable, false);
      return true;
    },
  );
  assert.throws(
    () => parseTargetUrl("http://u:hunter2@t/announce", "tracker", strictUrlPolicy),
    (error: NetError) => !error.message.includes("hunter2"),
  );
});
