// Notices and counter-notices as they come in: from a form (urlencoded), the API (JSON) or a letter that the operator copies.
// Whatever was typed: what is kept reads back the same, no text holds a control character, and what the public may read
// holds no e-mail address or phone number.

import assert from "node:assert/strict";
import { parse as parseQuery, stringify } from "node:querystring";
import { NOTICES_LINE_LENGTH_MAX, NOTICES_TEXT_LENGTH_MAX } from "../../src/core/index.ts";
import { parseCounter, parseNotice } from "../../src/origin/notices/notice-fields.ts";
import { counterFields, noticeFields } from "../../src/origin/notices/notice-fixture.test.ts";
import { publicOrganization, redact, REDACTED } from "../../src/origin/notices/redaction.ts";
import type { PersonalData } from "../../src/origin/notices/redaction.ts";
import { mutateJson } from "../json-mutation.ts";
import type { FuzzTarget } from "../target.ts";

const tokens: readonly string[] = ["&", "=", "%00", "%0D%0A", "+", "yes", "true", "@", "jane@example.org"].concat([
  "+1 212 555 0101",
  "212-555-0101",
  "(212) 555-0101",
  "Jane Doe",
  "[redacted]",
  "\u0301",
  "$&",
  ".*",
]);

/** JSON where it is JSON, and else a form. */
function fieldsOf(input: Buffer): Readonly<Record<string, unknown>> | null {
  const text = input.toString("utf8");
  if (!/^\s*[{["]/.test(text)) return parseQuery(text);
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : null;
  } catch {
    return null;
  }
}

function verifyTexts(content: object): void {
  for (const [field, value] of Object.entries(content)) {
    if (typeof value !== "string") continue;
    assert.equal(value, value.trim());
    assert.doesNotMatch(value, /[^\P{Cc}\n]/u, `${field} holds a control character`);
  }
}

function verifyRedaction(text: string, personal: PersonalData): void {
  const shown = redact(text, personal);
  assert.doesNotMatch(shown, /[^\s@<>()",;:]@[^\s@<>()",;:]/u, "An e-mail address is shown.");
  const { phone, email } = personal;
  const words = shown.replaceAll(REDACTED, " ");
  for (const value of [phone, email]) {
    const isTold = value.length > 1 && ` ${words.toLowerCase()} `.includes(` ${value.toLowerCase()} `);
    assert.ok(!isTold, `${value} is shown.`);
  }
}

const formCorpus = (fields: Readonly<Record<string, string>>): readonly Buffer[] => [
  Buffer.from(stringify(fields)),
  Buffer.from(JSON.stringify(fields)),
  Buffer.from(JSON.stringify({ ...fields, goodFaith: true, accuracy: true, mistake: true, consent: true })),
];

export const notice: FuzzTarget = {
  name: "notice",
  corpus: [
    ...formCorpus(noticeFields),
    ...formCorpus({ ...noticeFields, work: "By Jane Doe, jane@example.org, +1 212 555 0101, 12 Elm Street." }),
  ],
  tokens,
  isBencoded: false,
  mutate: (input, random) => mutateJson(input, tokens, random),
  check: (input) => {
    const fields = fieldsOf(input);
    if (fields === null) return false;
    const { content, problems, missing } = parseNotice(fields);
    verifyTexts(content);
    assert.deepEqual(parseNotice({ ...content }), { content, problems, missing }, "It reads back the same.");
    if (problems.length > 0) return false;
    assert.ok(content.work.length <= NOTICES_TEXT_LENGTH_MAX && content.name.length <= NOTICES_LINE_LENGTH_MAX);
    verifyRedaction(content.work, content);
    const organization = publicOrganization(content.organization, content);
    if (organization !== null) verifyRedaction(organization, content);
    return true;
  },
};

export const counterNotice: FuzzTarget = {
  ...notice,
  name: "counter-notice",
  corpus: formCorpus(counterFields),
  check: (input) => {
    const fields = fieldsOf(input);
    if (fields === null) return false;
    const { content, problems, missing } = parseCounter(fields);
    verifyTexts(content);
    assert.deepEqual(parseCounter({ ...content }), { content, problems, missing }, "It reads back the same.");
    return problems.length === 0;
  },
};
