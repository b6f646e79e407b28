// Tokens of the API. A token is 256 random bits that are shown once; what is stored is its SHA-256, which is enough for
// bits that nobody can guess (a slow hash is for what people make up), so a stolen database opens nothing.

import { createHash } from "node:crypto";
import { TOKENS_MAX, TOKEN_USED_STEP_MS } from "../../core/index.ts";
import type { Clock, Random } from "../../core/index.ts";
import type { Database } from "../database/open-database.ts";
import { AccessError } from "./access-error.ts";

/** read: what is not public, such as metrics; publish, manage (withdraw, restore, purge), notices; admin: all of it. */
export const SCOPES = ["read", "publish", "manage", "notices", "admin"] as const;
export type Scope = (typeof SCOPES)[number];

export interface Token {
  readonly id: string;
  readonly name: string;
  readonly scopes: readonly Scope[];
  readonly createdAt: number;
  readonly usedAt: number | null;
}

export interface TokenPart {
  readonly after: Pick<Token, "createdAt" | "id"> | null;
  readonly countMax: number;
}

/** So that scanners for leaked secrets and people know what it is. */
const PREFIX = "upswarm_";
const SECRET_BYTES = 32;
const ID_BYTES = 8;

interface TokenStoreDeps {
  readonly database: Pick<Database, "db">;
  readonly clock: Pick<Clock, "wallMs">;
  readonly random: Pick<Random, "bytes">;
}

export class TokenStore {
  readonly #deps: TokenStoreDeps;

  constructor(deps: TokenStoreDeps) {
    this.#deps = deps;
  }

  /** The secret is nowhere else. @throws AccessError access.tokens */
  async create(name: string, scopes: readonly Scope[]): Promise<{ readonly secret: string; readonly token: Token }> {
    const { database, clock, random } = this.#deps;
    if ((await this.list()).length >= TOKENS_MAX) {
      throw new AccessError("access.tokens", `There are ${TOKENS_MAX} tokens; revoke one first.`);
    }
    const secret = `${PREFIX}${random.bytes(SECRET_BYTES).toString("base64url")}`;
    const token: Token = {
      id: random.bytes(ID_BYTES).toString("hex"),
      name,
      scopes: SCOPES.filter((scope) => scopes.includes(scope)),
      createdAt: clock.wallMs(),
      usedAt: null,
    };
    await database.db
      .insertInto("tokens")
      .values({
        id: token.id,
        name,
        hash: hashOf(secret),
        scopes: token.scopes.join(" "),
        created_at: token.createdAt,
        used_at: null,
        revoked_at: null,
      })
      .execute();
    return { secret, token };
  }

  /** Whose secret this is, and that it was used now; null where it is nobody's or revoked. */
  async use(secret: string): Promise<Token | null> {
    const { database, clock } = this.#deps;
    // Looked up by its hash: how long that takes says nothing about the secret.
    const row = await database.db
      .selectFrom("tokens")
      .selectAll()
      .where("hash", "=", hashOf(secret))
      .where("revoked_at", "is", null)
      .executeTakeFirst();
    if (row === undefined) return null;
    const now = clock.wallMs();
    if (row.used_at === null || now - row.used_at >= TOKEN_USED_STEP_MS) {
      await database.db.updateTable("tokens").set({ used_at: now }).where("id", "=", row.id).execute();
    }
    return tokenOf(row);
  }

  /** Those that work, oldest first: all of them (at most TOKENS_MAX), or a part that begins after one. */
  async list({ after, countMax }: TokenPart = { after: null, countMax: TOKENS_MAX }): Promise<readonly Token[]> {
    const rows = await this.#deps.database.db
      .selectFrom("tokens")
      .selectAll()
      .where("revoked_at", "is", null)
      .$if(after !== null, (query) =>
        query.where((eb) => eb(eb.refTuple("created_at", "id"), ">", eb.tuple(after?.createdAt ?? 0, after?.id ?? ""))),
      )
      .orderBy("created_at")
      .orderBy("id")
      .limit(countMax)
      .execute();
    return rows.map(tokenOf);
  }

  /** From now on it opens nothing. @throws AccessError access.unknown */
  async revoke(id: string): Promise<void> {
    const { database, clock } = this.#deps;
    const { numUpdatedRows } = await database.db
      .updateTable("tokens")
      .set({ revoked_at: clock.wallMs() })
      .where("id", "=", id)
      .where("revoked_at", "is", null)
      .executeTakeFirst();
    if (numUpdatedRows === 0n) throw new AccessError("access.unknown", `There is no token ${id}.`);
  }
}

interface TokenRow {
  readonly id: string;
  readonly name: string;
  readonly scopes: string;
  readonly created_at: number;
  readonly used_at: number | null;
}

function tokenOf({ id, name, scopes, created_at, used_at }: TokenRow): Token {
  const named = scopes.split(" ");
  return {
    id,
    name,
    scopes: SCOPES.filter((scope) => named.includes(scope)),
    createdAt: created_at,
    usedAt: used_at,
  };
}

function hashOf(secret: string): string {
  return createHash("sha256").update(secret).digest("hex");
}
