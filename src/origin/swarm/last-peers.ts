// How many machines were in a release's swarm when it was withdrawn: what a tombstone can say about those that nobody can
// recall. The tracker forgets a withdrawn swarm at once, so it is counted before, and kept over restarts.

import type { Database } from "../database/open-database.ts";
import type { ReleaseRef } from "../domain.ts";

export class LastPeers {
  readonly #db: Database["db"];

  constructor(database: Pick<Database, "db">) {
    this.#db = database.db;
  }

  /** 0 where nothing was counted. */
  async read({ product, version }: ReleaseRef): Promise<number> {
    const row = await this.#db
      .selectFrom("last_peers")
      .select("peers")
      .where((eb) => eb.and({ product, version }))
      .executeTakeFirst();
    return row?.peers ?? 0;
  }

  async write({ product, version }: ReleaseRef, peers: number): Promise<void> {
    await this.#db
      .insertInto("last_peers")
      .values({ product, version, peers })
      .onConflict((clash) => clash.columns(["product", "version"]).doUpdateSet({ peers }))
      .execute();
  }
}
