import assert from "node:assert/strict";
import { test } from "node:test";
import { SEARCH_QUERY_LENGTH_MAX, SEARCH_WORDS_MAX } from "../../core/index.ts";
import { searchWords } from "./release-search.ts";

test("searchWords() takes SEARCH_WORDS_MAX words and leaves out the next", () => {
  const words = Array.from({ length: SEARCH_WORDS_MAX + 1 }, (_, index) => `w${index}`);
  assert.deepEqual(searchWords(words.slice(0, -1).join(" ")), words.slice(0, -1));
  assert.deepEqual(searchWords(words.join(" ")), words.slice(0, -1));
});

test("searchWords() takes SEARCH_QUERY_LENGTH_MAX characters and cuts off the next", () => {
  const word = "a".repeat(SEARCH_QUERY_LENGTH_MAX);
  assert.deepEqual(searchWords(word), [word]);
  assert.deepEqual(searchWords(`${word}b`), [word]);
});

test("searchWords() parts words at white space and control characters", () => {
  assert.deepEqual(searchWords(" a\tb\u00a0c\u0000d\n"), ["a", "b", "c", "d"]);
  assert.deepEqual(searchWords("\u0000 \u0007"), []);
});
