// The tables as Kysely sees them. Each part of the origin describes its own; a migration of the same name makes them.
// Times are milliseconds since 1970, hashes lower-case hex, flags 0 or 1.

import type { AccountTables } from "./account-tables.ts";
import type { CaseTables } from "./case-tables.ts";
import type { LastPeersTables } from "./last-peers-table.ts";
import type { ReleaseTables } from "./release-tables.ts";
import type { TokenTables } from "./token-tables.ts";

export type Schema = LastPeersTables & ReleaseTables & TokenTables & AccountTables & CaseTables;
