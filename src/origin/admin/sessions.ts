// Sessions of administrators: a random value in a cookie, its hash in the database. One that was not used for an hour, or is
// older than a working day, is over; ending them takes effect at once and everywhere.

import { hash } from "node:crypto";
import type { Kysely } from "kysely";
import { ADMIN_SESSION_IDLE_MS, ADMIN_SESSION_MS, type Clock, type Random } from "../../core/index.ts";
import type { Schema } from "../database/schema.ts";

export interface Session {
  readonly actor: string;
  readonly via: "password" | "token";
  readonly createdAt: number;
  /** When it is over, if nobody uses it. */
  readonly idleAt: number;
  readonly endsAt: number;
}

const ID_BYTES = 32;
/** How exact the time of the last use is: a write for every page would be too many. */
const SEEN_MS = 60_000;

export class Sessions {
  readonly #db: Kysely<Schema>;
  readonly #clock: Clock;
  readonly #random: Random;

  constructor(db: Kysely<Schema>, clock: Clock, random: Random) {
    this.#db = db;
    this.#clock = clock;
    this.#random = random;
  }

  /** The cookie's value. */
  async create(actor: string, via: Session["via"]): Promise<string> {
    const now = this.#clock.wallMs();
    const overdue = this.#db
      .deleteFrom("sessions")
      .where((where) =>
        where.or([
          where("created_at", "<=", now - ADMIN_SESSION_MS),
          where("seen_at", "<=", now - ADMIN_SESSION_IDLE_MS),
        ]),
      );
    await overdue.execute();
    const id = this.#random.bytes(ID_BYTES).toString("base64url");
    const row = { id_hash: idHash(id), actor, via, created_at: now, seen_at: now };
    await this.#db.insertInto("sessions").values(row).execute();
    return id;
  }

  /** Null where it is over or none of ours. Using it keeps it from being idle. */
  async use(id: string): Promise<Session | null> {
    const now = this.#clock.wallMs();
    const row = await this.#db.selectFrom("sessions").selectAll().where("id_hash", "=", idHash(id)).executeTakeFirst();
    if (row === undefined) return null;
    const [idleAt, endsAt] = [row.seen_at + ADMIN_SESSION_IDLE_MS, row.created_at + ADMIN_SESSION_MS];
    if (now >= idleAt || now >= endsAt) {
      await this.end(id);
      return null;
    }
    if (now - row.seen_at >= SEEN_MS) {
      await this.#db.updateTable("sessions").set({ seen_at: now }).where("id_hash", "=", row.id_hash).execute();
    }
    return { actor: row.actor, via: row.via, createdAt: row.created_at, idleAt, endsAt };
  }

  async end(id: string): Promise<void> {
    await this.#db.deleteFrom("sessions").where("id_hash", "=", idHash(id)).execute();
  }

  async endAll(actor: string): Promise<void> {
    await this.#db.deleteFrom("sessions").where("actor", "=", actor).execute();
  }
}

function idHash(id: string): string {
  return hash("sha256", id, "hex");
}
