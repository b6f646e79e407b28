// What is signed about a withdrawal: the custom data and the bytes of `withdrawals/PRODUCT/VERSION.json`. As long as the
// target stands, the release is withdrawn; restoring removes it.

import { RELEASE_PARTY_CHARACTERS_MAX, WITHDRAWAL_REASON_CHARACTERS_MAX } from "../core/index.ts";
import { parseProductName, parseVersion } from "./names.ts";
import { RecordFields } from "./record-fields.ts";

/** A notice or an order; the publisher's own recall; a key that signed the release is in wrong hands. */
export type WithdrawalKind = "legal" | "recall" | "key-compromise";

export interface WithdrawalRecord {
  readonly schema: 1;
  readonly product: string;
  readonly version: string;
  readonly kind: WithdrawalKind;
  /** ISO 8601, UTC. */
  readonly at: string;
  readonly reason: string;
  readonly demandedBy: string | null;
  /** The vendor's own page, where the software can still be had. */
  readonly vendorUrl: string | null;
  /** The version to take instead. */
  readonly replacedBy: string | null;
}

/** From untrusted JSON. @throws ReleaseError release.withdrawal-record, also for fields that it does not know */
export function parseWithdrawalRecord(value: unknown): WithdrawalRecord {
  const fields = new RecordFields(value, "The withdrawal record", "release.withdrawal-record");
  const record: WithdrawalRecord = {
    schema: fields.oneOf("schema", [1]),
    product: fields.parsed("product", parseProductName),
    version: fields.parsed("version", parseVersion),
    kind: fields.oneOf("kind", ["legal", "recall", "key-compromise"]),
    at: fields.time("at"),
    reason: fields.text("reason", WITHDRAWAL_REASON_CHARACTERS_MAX, "lines"),
    demandedBy: fields.nullable("demandedBy", (name) => fields.text(name, RELEASE_PARTY_CHARACTERS_MAX)),
    vendorUrl: fields.nullable("vendorUrl", (name) => fields.url(name)),
    replacedBy: fields.nullable("replacedBy", (name) => fields.parsed(name, parseVersion)),
  };
  fields.end();
  if (record.replacedBy === record.version) throw fields.refused("replacedBy", "is the withdrawn version itself");
  return record;
}
