// What is signed about releases, what an origin says unsigned about a page, key files, and the documents of a repository.
// Whatever is accepted is within its limits and reads back the same.

import assert from "node:assert/strict";
import { CodedError, RELEASE_NOTES_CHARACTERS_MAX, RELEASE_URL_CHARACTERS_MAX } from "../../src/core/index.ts";
import { parseChannelPointer, pointerTo } from "../../src/release/channel-pointer.ts";
import { createRepository, KeyError, parseReleaseRecord, parseWithdrawalRecord } from "../../src/release/index.ts";
import { parseReleasePage, ReleaseError, Repository } from "../../src/release/index.ts";
import { parseKeyFile } from "../../src/release/key-file.ts";
import { signerFromSeed } from "../../src/release/signing-key.ts";
import { mutateJson } from "../json-mutation.ts";
import { accepts } from "../target.ts";
import type { FuzzTarget } from "../target.ts";

const record = {
  schema: 1,
  product: "editor",
  version: "1.0",
  channel: "stable",
  sequence: 3,
  name: "editor.bin",
  kind: "file",
  fileCount: 1,
  lengthBytes: 100_000,
  sha256: "ab".repeat(32),
  sha1: "cd".repeat(20),
  infoHashV1: "11".repeat(20),
  infoHashV2: "22".repeat(32),
  infoHashTwin: "33".repeat(20),
  vendor: {
    name: "Example Corp",
    url: "https://vendor.example/editor",
    hashes: [{ algorithm: "sha1", hex: "cd".repeat(20), checked: "equal" }],
  },
  notes: "What is new\n\tand what is not",
  status: "published",
  publishedAt: "2026-11-25T12:00:00Z",
};

const withdrawal = {
  schema: 1,
  product: "editor",
  version: "1.0",
  kind: "legal",
  at: "2026-11-26T12:00:00.500Z",
  reason: "A demand.",
  demandedBy: "Rights Ltd",
  vendorUrl: "https://vendor.example/editor",
  replacedBy: "1.1",
};

const tokens: readonly string[] = ["null", '"', "\\u0000", "2026-02-30T00:00:00Z", "file", "folder", "recall"].concat([
  "sha512",
  "http://",
  "..",
  "/",
]);

function jsonTarget(
  name: string,
  corpus: readonly unknown[],
  read: (value: unknown, bytes: Buffer) => void,
): FuzzTarget {
  return {
    name,
    corpus: corpus.map((value) => Buffer.from(JSON.stringify(value))),
    tokens,
    isBencoded: false,
    mutate: (input, random) => mutateJson(input, tokens, random),
    check: (input) => {
      let value: unknown;
      try {
        value = JSON.parse(input.toString("utf8"));
      } catch {
        return false;
      }
      return accepts(CodedError, () => read(value, input));
    },
  };
}

export const releaseRecord: FuzzTarget = jsonTarget(
  "release-record",
  [record, { ...record, kind: "folder", fileCount: 7, sha256: null, sha1: null, vendor: null, notes: null }],
  (value) => {
    const parsed = parseReleaseRecord(value);
    assert.deepEqual(parseReleaseRecord(JSON.parse(JSON.stringify(parsed))), parsed);
    assert.ok((parsed.notes?.length ?? 0) <= RELEASE_NOTES_CHARACTERS_MAX);
    assert.ok((parsed.vendor?.url?.length ?? 0) <= RELEASE_URL_CHARACTERS_MAX);
    assert.ok(Number.isSafeInteger(parsed.lengthBytes) && !/[/\\]|^\.\.?$/.test(parsed.name));
  },
);

export const withdrawalRecord: FuzzTarget = jsonTarget(
  "withdrawal-record",
  [withdrawal, { ...withdrawal, kind: "recall", demandedBy: null, vendorUrl: null, replacedBy: null }],
  (value) => {
    const parsed = parseWithdrawalRecord(value);
    assert.deepEqual(parseWithdrawalRecord(JSON.parse(JSON.stringify(parsed))), parsed);
    assert.match(parsed.vendorUrl ?? "https:", /^https?:/i);
    // It is printed on a terminal.
    assert.doesNotMatch(parsed.reason, /[^\P{Cc}\n\t]/u);
  },
);

export const channelPointer: FuzzTarget = jsonTarget(
  "channel-pointer",
  [pointerTo("editor", "stable", "1.0"), pointerTo("a", "b", "1")],
  (value) => {
    const { product, channel, version, target } = parseChannelPointer(value);
    assert.deepEqual({ ...pointerTo(product, channel, version) }, value);
    assert.ok(target.split("/").every((part) => part !== ".." && part !== ""));
  },
);

const page = new URL("https://updates.example/editor/1.0");
const answer = { upswarm: 1, product: "editor", version: "1.0", metadataUrl: "/tuf/", targetUrl: "/tuf/targets/" };

export const releasePage: FuzzTarget = {
  ...jsonTarget("release-page", [answer], () => {}),
  check: (input) =>
    accepts(ReleaseError, () => {
      const { metadataUrl, targetUrl, product } = parseReleasePage(input, page);
      for (const url of [metadataUrl, targetUrl]) assert.equal(new URL(url).origin, page.origin);
      assert.equal(product, "editor");
    }),
};

const sealed = {
  upswarmKey: 1,
  purpose: "root",
  public: "ab".repeat(32),
  encryption: {
    kdf: "scrypt",
    cost: 131_072,
    blockSize: 8,
    parallelization: 1,
    salt: "01".repeat(32),
    cipher: "aes-256-gcm",
    nonce: "02".repeat(12),
  },
  secret: "03".repeat(48),
};

export const keyFile: FuzzTarget = {
  ...jsonTarget(
    "key-file",
    [sealed, { ...sealed, purpose: "online", encryption: null, secret: "04".repeat(32) }],
    () => {},
  ),
  check: (input) =>
    accepts(KeyError, () => {
      const file = parseKeyFile(input.toString("utf8"), "key.json");
      assert.deepEqual(parseKeyFile(JSON.stringify(file), "key.json"), file);
    }),
};

const signers = [1, 2, 3].map((byte) => signerFromSeed(Buffer.alloc(32, byte)));
const [root, targetsSigner, online] = signers as [(typeof signers)[0], (typeof signers)[0], (typeof signers)[0]];
const files = createRepository({
  rootSigners: [root],
  rootThreshold: 1,
  targetsSigners: [targetsSigner],
  targetsThreshold: 1,
  onlineSigner: online,
  now: Date.UTC(2026, 10, 25),
});

function typeOf(document: Buffer): string | undefined {
  return /"_type":\s*"([a-z]+)"/.exec(document.toString("utf8"))?.[1];
}

/** One document of a repository is damaged; a document is found by what it says that it is. */
export const tufMetadata: FuzzTarget = {
  ...jsonTarget("tuf-metadata", [], () => {}),
  corpus: [...files.values()],
  tokens: [...tokens, "keyids", "threshold", "expires", "signatures", "root", "targets", "snapshot", "timestamp"],
  check: (input) => {
    const names = [...files].flatMap(([name, bytes]) => (typeOf(bytes) === typeOf(input) ? [name] : []));
    // Withdrawals are targets too: one place or the other.
    const accepted = names.filter((name) =>
      accepts(CodedError, () => {
        const repository = Repository.parse(new Map([...files, [name, input]]));
        repository.releases();
        repository.channels();
        assert.match(repository.fingerprint, /^[0-9a-f]{64}$/);
      }),
    );
    return accepted.length > 0;
  },
};
