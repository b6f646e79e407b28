import assert from "node:assert/strict";
import { test } from "node:test";
import { CodedError } from "../core/index.ts";
import { codeOf, exitCodeOf, InterruptedError } from "./exit-codes.ts";

test("exitCodeOf() gives each domain of errors its code", () => {
  const codes = [
    "usage.option",
    "bencode.depth",
    "metainfo.piece-length",
    "magnet.syntax",
    "verify.failed",
    "storage.full",
    "net.timeout",
    "engine.no-peers",
    "policy.withdrawn",
    "net.policy-scheme",
    "release.verification",
    "release.expired",
    "release.withdrawn",
    "release.first-use",
    "release.not-found",
    "key.passphrase",
    "key.exposed",
    "network.x",
    "new-domain.surprise",
  ];
  const seen = codes.map((code) => exitCodeOf(new CodedError(code, "x")));
  assert.deepEqual(seen, [2, 3, 3, 3, 3, 1, 1, 1, 4, 4, 3, 3, 4, 4, 1, 2, 4, 1, 1]);
});

test("exitCodeOf() takes an abort for an interruption and a bug for a failure", () => {
  assert.equal(exitCodeOf(new InterruptedError("interrupted", "x")), 130);
  assert.equal(exitCodeOf(new DOMException("x", "AbortError")), 130);
  assert.equal(exitCodeOf(new TypeError("x")), 1);
  assert.equal(codeOf(new TypeError("x")), "internal");
  assert.equal(codeOf(Object.assign(new Error("x"), { code: "ENOSPC", syscall: "write" })), "system.enospc");
});
