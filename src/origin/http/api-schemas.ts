// The shapes of the API (JSON Schema), by name. An answer has exactly what its schema names: a field that domain.ts gains
// is not public until it stands here.

import { TOKEN_NAME_CHARACTERS_MAX } from "../../core/index.ts";
import { SCOPES } from "../access/token-store.ts";
import { pageHeaders } from "./list-pages.ts";
import type { ReleaseRef } from "../domain.ts";

/** Under /api/v1. */
export const RELEASE_PATH = "/products/:product/releases/:version";

export interface ReleaseRoute {
  readonly Params: ReleaseRef;
}

type Schema = Readonly<Record<string, unknown>>;

const text: Schema = { type: "string" };
const count: Schema = { type: "integer", minimum: 0 };
const time: Schema = { type: "integer", description: "Milliseconds since 1970." };
const orNull = (schema: Schema): Schema => ({ ...schema, type: [schema["type"], "null"] });
const hex = (digits: number): Schema => ({ type: "string", pattern: `^[0-9a-f]{${digits}}$` });
const ref = (id: string): Schema => ({ $ref: `${id}#` });
const list = (items: Schema): Schema => ({ type: "array", items });

/** All of the fields are always there. */
function object(properties: Readonly<Record<string, Schema>>): Schema {
  return { type: "object", required: Object.keys(properties), properties, additionalProperties: false };
}

function page(answer: Schema): Schema {
  return { ...answer, headers: pageHeaders };
}

const kind: Schema = { type: "string", enum: ["legal", "recall", "key-compromise"] };
const scopes: Schema = { type: "array", items: { type: "string", enum: SCOPES }, minItems: 1, uniqueItems: true };

const withdrawalTexts = {
  reason: { type: "string", minLength: 1, maxLength: 2000, description: "A sentence for a person." },
  demandedBy: orNull({ type: "string", maxLength: 500, description: "As the public may read it." }),
  vendorUrl: orNull({ type: "string", maxLength: 2000, pattern: "^https?://" }),
  replacedBy: orNull({ type: "string", maxLength: 200, description: "The version that replaces it." }),
  caseId: orNull({ type: "string", maxLength: 200 }),
};

/** What a withdrawal's request says; what is left out is null. */
export const withdrawalRequest: Schema = {
  type: "object",
  required: ["kind", "reason"],
  properties: { kind, ...withdrawalTexts },
  additionalProperties: false,
};

export const tokenRequest: Schema = {
  type: "object",
  required: ["name", "scopes"],
  properties: { name: { type: "string", minLength: 1, maxLength: TOKEN_NAME_CHARACTERS_MAX }, scopes },
  additionalProperties: false,
};

const vendor = object({
  name: text,
  url: orNull(text),
  hashes: {
    type: "array",
    items: object({ algorithm: { type: "string", enum: ["sha1", "sha256", "sha512"] }, hex: text }),
  },
});

const token = { id: text, name: text, scopes, createdAt: time, usedAt: orNull(time) };

const named: Readonly<Record<string, Schema>> = {
  Withdrawal: object({ kind, at: time, ...withdrawalTexts }),
  Release: object({
    product: text,
    version: text,
    channel: text,
    sequence: count,
    name: text,
    kind: { type: "string", enum: ["file", "folder"] },
    fileCount: count,
    lengthBytes: count,
    pieceLengthBytes: count,
    sha256: orNull(hex(64)),
    sha1: orNull(hex(40)),
    infoHashV1: hex(40),
    infoHashV2: hex(64),
    infoHashTwin: hex(40),
    vendor: { oneOf: [vendor, { type: "null" }] },
    notes: orNull(text),
    publishedAt: time,
    withdrawal: { oneOf: [ref("Withdrawal"), { type: "null" }] },
    links: object({
      page: text,
      torrent: orNull(text),
      torrentV1: orNull(text),
      magnet: orNull(text),
      direct: orNull({ ...text, description: "Of a single file." }),
    }),
  }),
  Product: object({ name: text, releaseCount: count, newest: ref("Release") }),
  LiveSwarm: object({
    seeds: count,
    downloading: count,
    originRate: { type: "number", minimum: 0, description: "Bytes a second that the first seed sends." },
    traffic: object({
      seedBytes: count,
      webSeedBytes: count,
      directBytes: count,
      completed: count,
      directDownloads: count,
    }),
    history: list(object({ at: time, seeds: count, downloading: count, completed: count, originBytes: count })),
  }),
  Token: object(token),
  NewToken: object({ ...token, secret: { ...text, description: "Shown this once." } }),
  Problem: object({
    type: text,
    title: text,
    status: count,
    detail: text,
    code: { ...text, description: "Stable; for programs." },
    requestId: text,
  }),
};

export const namedSchemas: readonly Schema[] = Object.entries(named).map(([$id, schema]) => ({ $id, ...schema }));

export const releaseAnswer: Schema = ref("Release");
export const releasesAnswer: Schema = object({ releases: list(ref("Release")) });
export const releasesPage: Schema = page(releasesAnswer);
export const productsAnswer: Schema = page(object({ products: list(ref("Product")) }));
export const liveAnswer: Schema = ref("LiveSwarm");
export const newTokenAnswer: Schema = ref("NewToken");
export const tokensAnswer: Schema = page(object({ tokens: list(ref("Token")) }));

/** Of a route's errors, for the description. */
export function problems(...statuses: readonly number[]): Record<number, Schema> {
  const content = { "application/problem+json": { schema: ref("Problem") } };
  return Object.fromEntries(statuses.map((status) => [status, { description: "A problem document.", content }]));
}
