// Requests to a whole origin, through its real routes: site, API, downloads, signed metadata, uploads, administration, notices.
// Every answer is one of the declared ones (below 500; a problem document from the API), and what a notice says of its
// sender is in no public entry of the log.

import assert from "node:assert/strict";
import { stringify } from "node:querystring";
import { counterFields, noticeFields } from "../../src/origin/notices/notice-fixture.test.ts";
import { mutateJson } from "../json-mutation.ts";
import { requestText } from "../request-text.ts";
import type { FuzzTarget } from "../target.ts";
import { openWholeOrigin } from "../whole-origin-app.ts";
import type { WholeOrigin } from "../whole-origin-app.ts";

/** One for all targets here: it has keys, a database and payloads. */
class SharedOrigin {
  #opening: Promise<WholeOrigin> | null = null;

  open(): Promise<WholeOrigin> {
    return (this.#opening ??= openWholeOrigin());
  }

  async close(): Promise<void> {
    const origin = await this.#opening;
    this.#opening = null;
    await origin?.close();
  }
}

const shared = new SharedOrigin();
const bearer = { authorization: "Bearer TOKEN" };
const json = { "content-type": "application/json" };
const form = { "content-type": "application/x-www-form-urlencoded" };
const withdrawal = { kind: "recall", reason: "A fault.", demandedBy: null, vendorUrl: null, replacedBy: "1.0" };

/** Of the API's lists. */
function cursor(content: unknown): string {
  return Buffer.from(JSON.stringify(content)).toString("base64url");
}

function target(name: string, corpus: readonly Buffer[], tokens: readonly string[]): FuzzTarget {
  return {
    name,
    corpus,
    tokens: [...tokens, "%2e%2e/", "%00", "//", "?", "&", "=", "\n", "GET ", "POST ", "1.0", "update", "TOKEN"],
    isBencoded: false,
    // What JSON there is in it is damaged by its values.
    mutate: (input, random) => {
      const at = input.indexOf("\n\n{") + 2;
      return at < 2 ? input : Buffer.concat([input.subarray(0, at), mutateJson(input.subarray(at), tokens, random)]);
    },
    check: async (input) => {
      const sent = await (await shared.open()).send(input);
      return sent !== null && sent.answer.status < 400;
    },
    open: () => shared.open(),
    close: () => shared.close(),
  };
}

const pages: readonly string[] = ["/", "/status", "/keys", "/search?q=update", "/feed.atom", "/sitemap.xml", "/update"]
  .concat(["/update/1.0", "/update/feed.atom", "/notices", "/notices/new?release=/update/1.0", "/notices/log?before=5"])
  .concat(["/notices/log.json?from=1", "/tuf/timestamp.json", "/tuf/1.root.json", "/healthz", "/readyz"]);

export const originSite: FuzzTarget = target(
  "origin-site",
  pages
    .map((url) => requestText(`GET ${url}`))
    .concat([
      requestText("GET /update/1.0", { accept: "application/json;q=0.9, text/html;q=0.1", "if-none-match": 'W/"x"' }),
      requestText("GET /download/update/1.0/update-1.0.bin", { range: "bytes=100-199", "if-range": '"x"' }),
      requestText("GET /files/update/1.0/update-1.0.bin", { range: "bytes=-1" }),
      requestText("HEAD /files/update/1.1/update-1.1.bin"),
      requestText("GET /metrics", bearer),
      requestText("GET /admin", { cookie: "SESSION" }),
    ]),
  ["range: ", "accept: ", "cookie: ", "bytes=", "q=", '"', ";", ","],
);

export const originApi: FuzzTarget = target(
  "origin-api",
  [
    requestText("GET /api/v1/products"),
    requestText("GET /api/v1/products/update/releases"),
    requestText(`GET /api/v1/products?limit=1&cursor=${cursor(["products", "a"])}`),
    requestText(`GET /api/v1/products/update/releases?limit=1&cursor=${cursor(["releases update", 2])}`),
    requestText(`GET /api/v1/tokens?cursor=${cursor(["tokens", { createdAt: 1, id: "ab" }])}`, bearer),
    requestText("GET /api/v1/products/update/releases/1.0"),
    requestText("GET /api/v1/products/update/releases/1.0/live"),
    requestText("GET /api/v1/search?q=update&limit=3"),
    requestText(
      "PUT /api/v1/products/update/releases/1.1/withdrawal",
      { ...bearer, ...json },
      JSON.stringify(withdrawal),
    ),
    requestText("DELETE /api/v1/products/update/releases/1.1/withdrawal", bearer),
    requestText("GET /api/v1/uploads", bearer),
    requestText("GET /api/v1/tokens", bearer),
    requestText("POST /api/v1/tokens", { ...bearer, ...json }, JSON.stringify({ name: "x", scopes: ["read"] })),
  ],
  [
    '"kind"',
    '"legal"',
    "null",
    "[]",
    "{}",
    "limit=",
    "cursor=",
    "WyJw",
    "application/json",
    "text/plain",
    "DELETE ",
    "PUT ",
  ],
);

const completion = {
  channel: "stable",
  vendor: { name: "Vendor", url: null, hashes: [{ algorithm: "sha1", hex: "ab".repeat(20) }] },
  notes: null,
  sequence: 3,
  publishedAt: Date.UTC(2026, 10, 26),
  signed: { targets: '{"signatures":[],"signed":{"_type":"targets"}}' },
};
const part = { ...bearer, "content-type": "application/partial-upload", "upload-offset": "UPLOADAT" };

/** A completion is refused: nothing here has the publisher's key. That it is answered as declared is what is looked at. */
export const originUploads: FuzzTarget = target(
  "origin-uploads",
  [
    requestText("GET /api/v1/uploads", bearer),
    requestText("HEAD /api/v1/uploads/UPLOADID", bearer),
    requestText("GET /api/v1/uploads/UPLOADID/basis", bearer),
    requestText(
      "POST /api/v1/uploads?product=update&version=3.0",
      { ...bearer, "content-type": "application/x-bittorrent" },
      "METAINFO",
    ),
    requestText("PATCH /api/v1/uploads/UPLOADID", part, "x".repeat(2_000)),
  ],
  [
    JSON.stringify(completion),
    "POST /api/v1/uploads/UPLOADID/complete",
    "content-type: application/json",
    "METAINFO",
    "/complete",
    `/${"0".repeat(32)}`,
    "PATCH ",
    "DELETE ",
    '"sequence":-1',
    "version=2.0",
  ],
);

const admin = { ...form, cookie: "SESSION" };
const filled = (fields: Readonly<Record<string, string>>): string => `_csrf=CSRF&${stringify(fields)}`;

export const originAdmin: FuzzTarget = target(
  "origin-admin",
  [
    ...["", "/releases?q=update", "/releases/update/1.1", "/cases?status=received", "/keys", "/swarms"].map((path) =>
      requestText(`GET /admin${path}`, { cookie: "SESSION" }),
    ),
    requestText("GET /admin/sign-in?next=/admin/releases"),
    requestText("GET /admin/audit", { cookie: "SESSION" }),
    requestText(
      "POST /admin/releases/update/1.1/withdraw",
      admin,
      filled({ kind: "recall", reason: "A fault.", confirmation: "update/1.1" }),
    ),
    requestText("POST /admin/releases/update/1.1/restore", admin, filled({ confirmation: "update/1.1" })),
  ],
  [
    "kind=legal",
    "reason=",
    "_csrf=CSRF",
    "confirmation=",
    "%0D%0A",
    "__Host-upswarm-admin=",
    "/admin/cases/2026-0001/move",
  ],
);

const noticeBody = { ...noticeFields, material: "update/1.0" };
const base = target(
  "origin-notices",
  [
    requestText("POST /api/v1/notices", json, JSON.stringify({ ...noticeBody, goodFaith: true, accuracy: true })),
    requestText("POST /notices/new", form, `stamp=STAMP&reference=&${stringify(noticeBody)}`),
    requestText("GET /notices/new"),
    requestText("GET /notices/log.json"),
  ],
  ["STAMP", "/api/v1/notices/2026-0001", "/notices/cases/2026-0001", "/counter", "yes", "true", "@", "Jane Doe"].concat(
    [JSON.stringify({ ...counterFields, mistake: true, consent: true }), "jane@example.org", "+1 212 555 0101"],
  ),
);

export const originNotices: FuzzTarget = {
  ...base,
  check: async (input) => {
    const origin = await shared.open();
    const before = await headOf(origin);
    const sent = await origin.send(input);
    if (sent === null) return false;
    for (let from = before + 1, head = await headOf(origin); from <= head; from++) await verifyEntry(origin, from);
    return sent.answer.status < 400;
  },
};

async function headOf(origin: WholeOrigin): Promise<number> {
  const sent = await origin.send(requestText("GET /notices/log.json?from=1000000000"));
  const { head } = JSON.parse(sent?.answer.body.toString("utf8") ?? "") as { head: { sequence: number } };
  return head.sequence;
}

/** What anybody can read of the log: no e-mail address, and nothing like the phone numbers that notices have. */
async function verifyEntry(origin: WholeOrigin, sequence: number): Promise<void> {
  const sent = await origin.send(requestText(`GET /notices/log.json?from=${sequence}`));
  const { entries } = JSON.parse(sent?.answer.body.toString("utf8") ?? "") as {
    entries: readonly { fields: object }[];
  };
  const shown = JSON.stringify(entries[0]?.fields);
  assert.doesNotMatch(shown, /[^\s@<>()",;:]@[^\s@<>()",;:]/u, "An e-mail address is in the public log.");
  assert.doesNotMatch(shown, /\+\d[\d\s().-]{6,}\d/u, "A phone number is in the public log.");
}
