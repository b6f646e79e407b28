import assert from "node:assert/strict";
import { test } from "node:test";
import { NOTICES_LINE_LENGTH_MAX, NOTICES_TEXT_LENGTH_MAX } from "../../core/index.ts";
import { parseCounter, parseNotice } from "./notice-fields.ts";
import { counterFields, noticeFields } from "./notice-fixture.test.ts";

test("parseNotice() takes a notice that has all six elements", () => {
  const { content, problems, missing } = parseNotice(noticeFields);
  assert.deepEqual([problems, missing], [[], []]);
  assert.equal(content.name, "Jane Doe");
});

const withoutNotice: readonly (readonly [fields: readonly string[], element: string, at: string])[] = [
  [["signature"], "signature", "signature"],
  [["work"], "work", "work"],
  [["material"], "material", "material"],
  [["name"], "contact", "name"],
  [["email", "phone", "address"], "contact", "email"],
  [["goodFaith"], "good-faith", "goodFaith"],
  [["accuracy"], "accuracy", "accuracy"],
];
for (const [fields, element, at] of withoutNotice) {
  test(`parseNotice() without ${fields.join(", ")} misses ${element}, and says so at ${at}`, () => {
    const lacking = Object.fromEntries(Object.entries(noticeFields).filter(([field]) => !fields.includes(field)));
    const { problems, missing } = parseNotice(lacking);
    assert.deepEqual(missing, [element]);
    assert.deepEqual(
      problems.map(({ field }) => field),
      [at],
    );
  });
}

const withoutCounter: readonly (readonly [field: string, element: string])[] = [
  ["signature", "signature"],
  ["material", "material"],
  ["mistake", "mistake"],
  ["name", "contact"],
  ["address", "contact"],
  ["phone", "contact"],
  ["consent", "contact"],
];
for (const [field, element] of withoutCounter) {
  test(`parseCounter() without ${field} misses ${element}`, () => {
    const { problems, missing } = parseCounter({ ...counterFields, [field]: "" });
    assert.deepEqual(missing, [element]);
    assert.deepEqual(
      problems.map((problem) => problem.field),
      [field],
    );
  });
}

test("one way to reach the sender is enough for a notice", () => {
  for (const given of [{ email: "a@b.example" }, { phone: "1" }, { address: "x" }]) {
    assert.deepEqual(parseNotice({ ...noticeFields, email: "", phone: "", address: "", ...given }).problems, []);
  }
});

function problemsAt(fields: object): readonly string[] {
  return parseNotice({ ...noticeFields, ...fields }).problems.map(({ field, element }) => `${field} ${element}`);
}

test("a text of the longest length is taken, and one character more is not", () => {
  assert.deepEqual(
    problemsAt({ phone: "1".repeat(NOTICES_LINE_LENGTH_MAX), work: "x".repeat(NOTICES_TEXT_LENGTH_MAX) }),
    [],
  );
  assert.deepEqual(problemsAt({ phone: "1".repeat(NOTICES_LINE_LENGTH_MAX + 1) }), ["phone null"]);
  assert.deepEqual(problemsAt({ work: "x".repeat(NOTICES_TEXT_LENGTH_MAX + 1) }), ["work null"]);
});

test("what is no e-mail address, or would be two, or a header, is refused", () => {
  for (const email of [
    "jane",
    "jane@",
    "a@b.example, c@d.example",
    "a@b.example\r\nBcc: c@d.example",
    "<a@b.example>",
  ]) {
    assert.deepEqual(
      parseNotice({ ...noticeFields, email }).problems.map(({ field }) => field),
      ["email"],
      email,
    );
  }
});

test("control characters do not get through, and fields that are no texts count as missing", () => {
  const { content, missing } = parseNotice({
    ...noticeFields,
    name: "Jane\u001B[2J\r\nDoe",
    work: ["a"],
    goodFaith: "on",
  });
  assert.equal(content.name, "Jane [2J Doe");
  assert.deepEqual(missing, ["work", "good-faith"]);
});
