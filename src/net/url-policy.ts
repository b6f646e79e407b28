// Which URLs we connect to. Torrents name trackers and web seeds, and whoever wrote the torrent would like to make us
// send requests to servers that he cannot reach himself: a router's page, a service on loopback, a cloud's metadata
// address (server-side request forgery). Trackers and seeds on private addresses are nevertheless the normal case in
// a company and work; what is refused is a request whose content the torrent's author could shape.
//
// Invariant: the rules are applied to the resolved address, and exactly that address is connected to, so that a name
// cannot mean one address when it is checked and another when it is used (DNS rebinding).
// Each rule has one setting that lifts it. "Local" is loopback, private or link-local by core's addressScope().
// They bind UDP trackers too, since a datagram carries the URL's path and query where it has any (BEP 41).
// What a person typed (purpose "metainfo") is bound by the scheme and by the redirect rules.

import { addressScope, URL_CHARACTERS_MAX } from "../core/index.ts";
import { NetError } from "./net-error.ts";
import type { PolicyErrorCode } from "./net-error.ts";

/** What a URL is for; `metainfo` is one that the user gave. */
export type UrlPurpose = "tracker" | "web-seed" | "metainfo";
export type AddressScope = ReturnType<typeof addressScope>;

/** Each setting lifts one rule. All are false by default: see `strictUrlPolicy`. */
export interface UrlPolicy {
  /** A tracker on loopback may have any path, not only `/announce`. */
  readonly allowLoopbackTrackerPath: boolean;
  /** A tracker on a local address may have query arguments in its URL. */
  readonly allowLocalTrackerQuery: boolean;
  /** A web seed on a local address may have a query string. */
  readonly allowLocalWebSeedQuery: boolean;
  /** A redirect may lead to a narrower scope: from a global to a local address, from a private one to loopback. */
  readonly allowRedirectToLocal: boolean;
  /** A tracker or a metainfo URL may be redirected from https to http. (Web seeds may: their bytes are hashed.) */
  readonly allowRedirectToHttp: boolean;
  /** A tracker's or web seed's URL may have `user:password@`, which is then sent as Basic authentication. */
  readonly allowCredentials: boolean;
}

export const strictUrlPolicy: UrlPolicy = {
  allowLoopbackTrackerPath: false,
  allowLocalTrackerQuery: false,
  allowLocalWebSeedQuery: false,
  allowRedirectToLocal: false,
  allowRedirectToHttp: false,
  allowCredentials: false,
};

/** Where a redirect came from. */
export interface RedirectSource {
  readonly protocol: string;
  readonly scope: AddressScope;
}

const schemes: Readonly<Record<UrlPurpose, readonly string[]>> = {
  tracker: ["http:", "https:", "udp:"],
  "web-seed": ["http:", "https:"],
  metainfo: ["http:", "https:"],
};

/**
 * The rules that need no address: syntax, length, scheme, credentials. A `udp:` URL's host comes back in the same
 * canonical form as that of the others.
 * @throws NetError net.url-syntax, net.policy-scheme, net.policy-credentials
 */
export function parseTargetUrl(text: string, purpose: UrlPurpose, policy: UrlPolicy): URL {
  const url = text.length > URL_CHARACTERS_MAX ? null : URL.parse(text);
  if (url === null) throw new NetError("net.url-syntax", `"${text.slice(0, 200)}" is not a URL.`);
  if (!schemes[purpose].includes(url.protocol)) {
    const allowed = schemes[purpose].map((scheme) => scheme.slice(0, -1)).join(", ");
    throw new NetError(
      "net.policy-scheme",
      `A ${nameOf(purpose)}'s URL is ${allowed}, not ${url.protocol.slice(0, -1)} (${shown(url)}).`,
    );
  }
  if (url.hostname === "") throw new NetError("net.url-syntax", `"${shown(url)}" names no host.`);
  if (purpose !== "metainfo" && (url.username !== "" || url.password !== "") && !policy.allowCredentials) {
    refuse("net.policy-credentials", url, `A ${nameOf(purpose)}'s URL has no user and password`, "allowCredentials");
  }
  return url;
}

/**
 * The rules that need the address that the URL's host has. `from` is null for the URL itself and tells where the
 * redirect came from otherwise.
 * @throws NetError with a PolicyErrorCode
 */
export function checkAddress(
  url: URL,
  address: string,
  purpose: UrlPurpose,
  policy: UrlPolicy,
  from: RedirectSource | null = null,
): void {
  const scope = addressScope(address);
  if (from !== null) checkRedirect(url, scope, purpose, policy, from);
  if (scope === "global") return;
  if (purpose === "tracker") {
    // `/scrape` is what we derive from `/announce` ourselves (BEP 48); a UDP tracker needs no path.
    const isTrackerPath =
      url.pathname === "/announce" ||
      url.pathname === "/scrape" ||
      (url.protocol === "udp:" && (url.pathname === "" || url.pathname === "/"));
    if (scope === "loopback" && !isTrackerPath && !policy.allowLoopbackTrackerPath) {
      const rule = "A tracker on loopback has the path /announce and no other";
      refuse("net.policy-loopback-tracker-path", url, rule, "allowLoopbackTrackerPath");
    }
    // A redirect's query holds our own arguments, and the redirect rule has vouched for who wrote it.
    if (from === null && url.search !== "" && !policy.allowLocalTrackerQuery) {
      const rule = "A tracker on a local address has no query arguments in its URL";
      refuse("net.policy-local-tracker-query", url, rule, "allowLocalTrackerQuery");
    }
  }
  if (purpose === "web-seed" && url.search !== "" && !policy.allowLocalWebSeedQuery) {
    const rule = "A web seed on a local address has no query string in its URL";
    refuse("net.policy-local-web-seed-query", url, rule, "allowLocalWebSeedQuery");
  }
}

const breadth: Readonly<Record<AddressScope, number>> = { loopback: 0, private: 1, global: 2 };

function checkRedirect(
  url: URL,
  scope: AddressScope,
  purpose: UrlPurpose,
  policy: UrlPolicy,
  from: RedirectSource,
): void {
  if (breadth[scope] < breadth[from.scope] && !policy.allowRedirectToLocal) {
    const rule = `A server on a ${from.scope} address does not redirect us to a ${scope} one`;
    refuse("net.policy-redirect-to-local", url, rule, "allowRedirectToLocal");
  }
  const isDowngrade = from.protocol === "https:" && url.protocol === "http:";
  if (isDowngrade && purpose !== "web-seed" && !policy.allowRedirectToHttp) {
    const rule = `A ${nameOf(purpose)}'s URL is not redirected from https to http`;
    refuse("net.policy-redirect-to-http", url, rule, "allowRedirectToHttp");
  }
}

function refuse(code: PolicyErrorCode, url: URL, rule: string, setting: keyof UrlPolicy): never {
  throw new NetError(code, `${rule} (${shown(url)}); the setting ${setting} lifts this rule.`);
}

/** A URL as it may stand in a message or a log: without credentials, and without the query, which may hold a passkey. */
export function shown(url: URL): string {
  return `${url.protocol}//${url.host}${url.pathname}${url.search === "" ? "" : "?…"}`.slice(0, 300);
}

function nameOf(purpose: UrlPurpose): string {
  return { tracker: "tracker", "web-seed": "web seed", metainfo: "torrent" }[purpose];
}
