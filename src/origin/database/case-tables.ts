// Cases of notices, what their senders wrote, mails that wait, and the chained logs: migration 0004.

import type { Generated } from "kysely";

export interface CaseTables {
  cases: CaseTable;
  case_records: CaseRecordTable;
  confirmations: ConfirmationTable;
  mails: MailTable;
  chain_entries: ChainEntryTable;
}

export type CaseVia = "form" | "api" | "letter";
/** none: no mail was sent to ask. */
export type Confirmation = "none" | "pending" | "confirmed";

interface CaseTable {
  id: string;
  product: string;
  version: string;
  /** A CaseState as JSON. */
  state: string;
  /** As the public may read it. */
  organization: string | null;
  work: string;
  via: CaseVia;
  /** A form that is sent twice makes one case. */
  intake_key: string | null;
  confirmation: Confirmation;
  counter_confirmation: Confirmation;
  opened_at: number;
  changed_at: number;
  /** Grows with each change. */
  revision: number;
  /** 0 until the release is withdrawn or restored as the state says. */
  is_settled: number;
}

interface CaseRecordTable {
  id: Generated<number>;
  case_id: string;
  kind: "notice" | "counter";
  received_at: number;
  /** The chain's entry holds the digest of the two. Null: erased. */
  salt: Uint8Array | null;
  content: string | null;
}

interface ConfirmationTable {
  /** SHA-256 of the token, hex. */
  token_hash: string;
  case_id: string;
  kind: "notice" | "counter";
  expires_at: number;
}

interface MailTable {
  id: Generated<number>;
  case_id: string;
  recipient: string;
  subject: string;
  body: string;
  tries: number;
  next_at: number;
}

interface ChainEntryTable {
  chain: "cases" | "audit";
  sequence: number;
  at: number;
  subject: string;
  event: string;
  /** JSON. */
  fields: string;
  record: string | null;
  previous: string;
  hash: string;
}
