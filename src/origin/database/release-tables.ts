// Releases, what is signed about them, and what was sent: migration 0001.

import type { Generated } from "kysely";

export interface ReleaseTables {
  releases: ReleaseTable;
  signed_files: SignedFileTable;
  traffic: TrafficTable;
}

interface ReleaseTable {
  product: string;
  version: string;
  channel: string;
  sequence: number;
  name: string;
  kind: "file" | "folder";
  file_count: number;
  length_bytes: number;
  piece_length_bytes: number;
  sha256: string | null;
  sha1: string | null;
  info_hash_v1: string;
  info_hash_v2: string;
  info_hash_twin: string;
  vendor_name: string | null;
  vendor_url: string | null;
  /** "sha1:HEX sha512:HEX" */
  vendor_hashes: string | null;
  notes: string | null;
  published_at: number;
  metainfo: Uint8Array;
  /** All null where it is not withdrawn. */
  withdrawn_kind: "legal" | "recall" | "key-compromise" | null;
  withdrawn_at: number | null;
  withdrawn_reason: string | null;
  withdrawn_by: string | null;
  withdrawn_vendor_url: string | null;
  withdrawn_replaced_by: string | null;
  withdrawn_case: string | null;
}

interface SignedFileTable {
  name: string;
  bytes: Uint8Array;
  /** A role's highest version; the timestamp; every root. */
  is_current: Generated<number>;
}

interface TrafficTable {
  product: string;
  version: string;
  seed_bytes: number;
  web_seed_bytes: number;
  direct_bytes: number;
  completed: number;
  direct_downloads: number;
}
