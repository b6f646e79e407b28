// The shapes of what publishers send, as the API's description shows them. The metainfo and the signed metadata have
// their own parsers.

import {
  RELEASE_NAME_CHARACTERS_MAX,
  RELEASE_NOTES_CHARACTERS_MAX,
  RELEASE_PARTY_CHARACTERS_MAX,
  URL_LENGTH_MAX,
} from "../../core/index.ts";

type Schema = Readonly<Record<string, unknown>>;

const text = (lengthMax: number): Schema => ({ type: "string", minLength: 1, maxLength: lengthMax });
/** Not anyOf: there the validator would make an empty text of null, which is another thing than was signed. */
const nullable = (schema: Schema): Schema => ({ ...schema, type: [schema["type"], "null"] });

function objectOf(properties: Readonly<Record<string, Schema>>): Schema {
  return { type: "object", additionalProperties: false, required: Object.keys(properties), properties };
}

// What else a name has to be, src/release knows.
const name = text(RELEASE_NAME_CHARACTERS_MAX);

export const beginQuery: Schema = objectOf({ product: name, version: name });

export const uploadParams: Schema = objectOf({ id: { type: "string", pattern: "^[0-9a-f]{32}$" } });

const vendorHash = objectOf({
  algorithm: { enum: ["sha1", "sha256", "sha512"] },
  hex: { type: "string", pattern: "^[0-9a-fA-F]{40,128}$" },
});

export const completionBody: Schema = objectOf({
  channel: name,
  vendor: nullable(
    objectOf({
      name: text(RELEASE_PARTY_CHARACTERS_MAX),
      url: nullable(text(URL_LENGTH_MAX)),
      hashes: { type: "array", maxItems: 3, items: vendorHash },
    }),
  ),
  notes: nullable({ type: "string", maxLength: RELEASE_NOTES_CHARACTERS_MAX }),
  sequence: { type: "integer", minimum: 1 },
  publishedAt: { type: "integer", minimum: 0 },
  signed: { type: "object", maxProperties: 100, additionalProperties: { type: "string" } },
});
