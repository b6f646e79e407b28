// What is signed about a release: the custom data of its metainfo's target.
// Invariant: a ReleaseRecord was parsed or has passed through the parser; its fields stand in one order, so that the same
// release always gives the same bytes.

import {
  parseInfoHash,
  parseInfoHashV2,
  RELEASE_NOTES_CHARACTERS_MAX,
  RELEASE_PARTY_CHARACTERS_MAX,
  type InfoHash,
  type InfoHashV2,
} from "../core/index.ts";
import { checkPathElement } from "../metainfo/index.ts";
import { parseChannelName, parseProductName, parseVersion } from "./names.ts";
import { RecordFields } from "./record-fields.ts";

/** A hash that the vendor published, and that it was compared with the artifact when the release was made. */
export interface VendorHash {
  readonly algorithm: "sha1" | "sha256" | "sha512";
  readonly hex: string;
  readonly checked: "equal";
}

export interface Vendor {
  readonly name: string;
  readonly url: string | null;
  /** One an algorithm, the weakest first. */
  readonly hashes: readonly VendorHash[];
}

export interface ReleaseRecord {
  readonly schema: 1;
  readonly product: string;
  readonly version: string;
  readonly channel: string;
  /** Grows with each release of a product; which of two versions is newer cannot be told from their names. */
  readonly sequence: number;
  /** Of the file or folder. */
  readonly name: string;
  readonly kind: "file" | "folder";
  readonly fileCount: number;
  readonly lengthBytes: number;
  /** Of a single file; null for a folder. */
  readonly sha256: string | null;
  readonly sha1: string | null;
  readonly infoHashV1: InfoHash;
  readonly infoHashV2: InfoHashV2;
  /** Of the v1 twin. */
  readonly infoHashTwin: InfoHash;
  readonly vendor: Vendor | null;
  readonly notes: string | null;
  /** When it was signed. What has become of it since is a withdrawal's to say, which is signed by another role. */
  readonly status: "published";
  /** ISO 8601, UTC. */
  readonly publishedAt: string;
}

const FILES_MAX = 10_000_000;
const hashAlgorithms = ["sha1", "sha256", "sha512"] as const;
const hashDigits = { sha1: 40, sha256: 64, sha512: 128 } as const;

/** From untrusted JSON. @throws ReleaseError release.record, also for fields that it does not know */
export function parseReleaseRecord(value: unknown): ReleaseRecord {
  const fields = new RecordFields(value, "The release record", "release.record");
  const hex = (digits: number) => (name: string) => fields.hex(name, digits);
  const record: ReleaseRecord = {
    schema: fields.oneOf("schema", [1]),
    product: fields.parsed("product", parseProductName),
    version: fields.parsed("version", parseVersion),
    channel: fields.parsed("channel", parseChannelName),
    sequence: fields.integer("sequence", 1),
    name: fields.parsed("name", (name) => checkPathElement(name, "The artifact's name")),
    kind: fields.oneOf("kind", ["file", "folder"]),
    fileCount: fields.integer("fileCount", 0, FILES_MAX),
    lengthBytes: fields.integer("lengthBytes", 0),
    sha256: fields.nullable("sha256", hex(64)),
    sha1: fields.nullable("sha1", hex(40)),
    infoHashV1: parseInfoHash(fields.hex("infoHashV1", 40)),
    infoHashV2: parseInfoHashV2(fields.hex("infoHashV2", 64)),
    infoHashTwin: parseInfoHash(fields.hex("infoHashTwin", 40)),
    vendor: fields.nullable("vendor", (name) => parseVendor(fields.raw(name))),
    notes: fields.nullable("notes", (name) => fields.text(name, RELEASE_NOTES_CHARACTERS_MAX, "lines")),
    status: fields.oneOf("status", ["published"]),
    publishedAt: fields.time("publishedAt"),
  };
  fields.end();
  const isFolder = record.kind === "folder";
  if (isFolder && (record.sha256 !== null || record.sha1 !== null)) {
    throw fields.refused("kind", "is folder, which has no hash of its own");
  }
  if (!isFolder && record.fileCount !== 1) throw fields.refused("fileCount", "is not 1, though the artifact is a file");
  return record;
}

function parseVendor(value: unknown): Vendor {
  const fields = new RecordFields(value, "The release record's vendor", "release.record");
  const vendor: Vendor = {
    name: fields.text("name", RELEASE_PARTY_CHARACTERS_MAX),
    url: fields.nullable("url", (name) => fields.url(name)),
    hashes: fields.list("hashes", hashAlgorithms.length, parseVendorHash),
  };
  fields.end();
  const ranks = vendor.hashes.map(({ algorithm }) => hashAlgorithms.indexOf(algorithm));
  if (ranks.some((rank, index) => index > 0 && rank <= (ranks[index - 1] ?? -1))) {
    throw fields.refused("hashes", `are not one an algorithm, in the order ${hashAlgorithms.join(", ")}`);
  }
  return vendor;
}

function parseVendorHash(value: unknown): VendorHash {
  const fields = new RecordFields(value, "The release record's vendor hash", "release.record");
  const algorithm = fields.oneOf("algorithm", hashAlgorithms);
  const hash: VendorHash = {
    algorithm,
    hex: fields.hex("hex", hashDigits[algorithm]),
    checked: fields.oneOf("checked", ["equal"]),
  };
  fields.end();
  return hash;
}
