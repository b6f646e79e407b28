// The shapes of what publishers send, as the API's description shows them. The metainfo and the signed metadata have
// their own parsers.

type Schema = Readonly<Record<string, unknown>>;

const text = (lengthMax: number): Schema => ({ type: "string", minLength: 1, maxLength: lengthMax });
/** By a list of types, which the validator takes as they come: of alternatives it would bend null to the text "". */
const nullable = (schema: Schema): Schema => ({ ...schema, type: [schema["type"], "null"] });

function objectOf(properties: Readonly<Record<string, Schema>>): Schema {
  return { type: "object", additionalProperties: false, required: Object.keys(properties), properties };
}

// Further rules of names are those of src/release, which whoever signs obeys.
const name: Schema = { type: "string", pattern: "^[A-Za-z0-9][A-Za-z0-9._+-]*$", maxLength: 128 };

export const beginQuery: Schema = objectOf({ product: name, version: name });

export const uploadParams: Schema = objectOf({ id: { type: "string", pattern: "^[0-9a-f]{32}$" } });

const vendorHash = objectOf({
  algorithm: { enum: ["sha1", "sha256", "sha512"] },
  hex: { type: "string", pattern: "^[0-9a-fA-F]{40,128}$" },
});

export const completionBody: Schema = objectOf({
  channel: name,
  vendor: nullable(objectOf({ name: text(200), url: nullable(text(2000)), hash: nullable(vendorHash) })),
  notes: nullable({ type: "string", maxLength: 100_000 }),
  sequence: { type: "integer", minimum: 1 },
  publishedAt: { type: "integer", minimum: 0 },
  signed: { type: "object", maxProperties: 100, additionalProperties: { type: "string" } },
});
