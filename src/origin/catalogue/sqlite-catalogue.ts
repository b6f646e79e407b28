// The catalogue in the origin's SQLite database. The contract stands in catalogue.ts.
//
// Invariant: each change is one transaction, which takes the write lock when it begins and is on the disk when it
// returns. So a release, its metainfo and the metadata that signs it are there together or not at all.

import { AssertionError } from "node:assert";
import type { ExpressionBuilder, SelectQueryBuilder, Transaction } from "kysely";
import { CodedError, messageOf, type InfoHash } from "../../core/index.ts";
import { DatabaseError } from "../database/database-error.ts";
import type { Database } from "../database/open-database.ts";
import type { Schema } from "../database/schema.ts";
import { refOf } from "../domain.ts";
import type { Product, Release, ReleaseRef, Traffic, Withdrawal } from "../domain.ts";
import {
  CatalogueError,
  type Catalogue,
  type ListPart,
  type NewRelease,
  type SignedFiles,
  type WithdrawnRelease,
} from "./catalogue.ts";
import { releaseColumns, releaseOf, rowOf, withdrawalColumns, type ReleaseRow } from "./release-rows.ts";
import { holdsAll, searchWords } from "./release-search.ts";
import { bufferOf, readCurrentlySigned, readSigned, writeSigned } from "./signed-metadata.ts";
import { addToTraffic, readTraffic } from "./traffic-counts.ts";

export class SqliteCatalogue implements Catalogue {
  readonly #database: Database;

  /** The database stays the caller's, who closes it. */
  constructor(database: Database) {
    this.#database = database;
  }

  products({ after, countMax }: ListPart<string> = everything): Promise<readonly Product[]> {
    return attempt(async () => {
      const rows = await this.#database.db
        .with("newest", (db) =>
          db
            .selectFrom("releases")
            .select(({ fn }) => ["product", fn.max("sequence").as("sequence"), fn.countAll<number>().as("count")])
            .$if(after !== null, (query) => query.where("product", ">", after))
            .groupBy("product")
            .orderBy("product")
            .limit(countMax),
        )
        .selectFrom("releases")
        .innerJoin("newest", (join) =>
          join.onRef("newest.product", "=", "releases.product").onRef("newest.sequence", "=", "releases.sequence"),
        )
        .select(releaseColumns.map((column) => `releases.${column}` as const))
        .select("newest.count")
        .orderBy("releases.product")
        .execute();
      return rows.map(({ count, ...row }) => ({ name: row.product, releaseCount: count, newest: releaseOf(row) }));
    });
  }

  releases(product: string, { after, countMax }: ListPart<number> = everything): Promise<readonly Release[]> {
    return this.#select((query) =>
      query
        .where("product", "=", product)
        .$if(after !== null, (narrowed) => narrowed.where("sequence", "<", after))
        .orderBy("sequence", "desc")
        .limit(countMax),
    );
  }

  async release(ref: ReleaseRef): Promise<Release | null> {
    return only(await this.#select((query) => query.where(isRef(ref))));
  }

  async newest(product: string, channel: string): Promise<Release | null> {
    const found = await this.#select((query) =>
      query
        .where("product", "=", product)
        .where("channel", "=", channel)
        .where("withdrawn_kind", "is", null)
        .orderBy("sequence", "desc")
        .limit(1),
    );
    return only(found);
  }

  recent(countMax: number): Promise<readonly Release[]> {
    return this.#select((query) => newestFirst(query).limit(countMax));
  }

  search(query: string, countMax: number): Promise<readonly Release[]> {
    const words = searchWords(query);
    if (words.length === 0) return Promise.resolve([]);
    return this.#select((select) => newestFirst(select.where((eb) => holdsAll(eb, words))).limit(countMax));
  }

  async byInfoHash(infoHash: InfoHash): Promise<Release | null> {
    const found = await this.#select((query) =>
      newestFirst(
        query.where((eb) =>
          eb.or([
            eb("info_hash_v1", "=", infoHash),
            eb("info_hash_twin", "=", infoHash),
            // The first 40 of 64 digits (BEP 52); "g" comes after every digit.
            eb.and([eb("info_hash_v2", ">=", infoHash), eb("info_hash_v2", "<", `${infoHash}g`)]),
          ]),
        ),
      ).limit(1),
    );
    return only(found);
  }

  metainfo(ref: ReleaseRef): Promise<Buffer | null> {
    return attempt(async () => {
      const { db } = this.#database;
      const row = await db.selectFrom("releases").select("metainfo").where(isRef(ref)).executeTakeFirst();
      return row === undefined ? null : bufferOf(row.metainfo);
    });
  }

  publish(added: NewRelease, signed: SignedFiles): Promise<void> {
    return this.#change(async (db) => {
      const { product, sequence } = added.release;
      const there = await db.selectFrom("releases").select("version").where(isRef(added.release)).executeTakeFirst();
      if (there !== undefined) {
        const text = `${refOf(added.release)} is published already; a version is never replaced.`;
        throw new CatalogueError("catalogue.exists", text);
      }
      const taken = await db
        .selectFrom("releases")
        .select("version")
        .where("product", "=", product)
        .where("sequence", ">=", sequence)
        .executeTakeFirst();
      if (taken !== undefined) {
        const text = `Version ${taken.version} of ${product} was published meanwhile. Read again and sign again.`;
        throw new CatalogueError("catalogue.conflict", text, { retryable: true });
      }
      await db.insertInto("releases").values(rowOf(added)).execute();
      await writeSigned(db, signed);
    });
  }

  withdraw(ref: ReleaseRef, withdrawal: Withdrawal, signed: SignedFiles): Promise<void> {
    return this.withdrawAll([{ ref, withdrawal }], signed);
  }

  withdrawAll(withdrawn: readonly WithdrawnRelease[], signed: SignedFiles): Promise<void> {
    return this.#setWithdrawals(withdrawn, signed);
  }

  restore(ref: ReleaseRef, signed: SignedFiles): Promise<void> {
    return this.#setWithdrawals([{ ref, withdrawal: null }], signed);
  }

  signedFile(name: string): Promise<Buffer | null> {
    return attempt(() => readSigned(this.#database.db, name));
  }

  currentlySigned(): Promise<SignedFiles> {
    return attempt(() => readCurrentlySigned(this.#database.db));
  }

  sign(signed: SignedFiles): Promise<void> {
    return this.#change((db) => writeSigned(db, signed));
  }

  traffic(ref: ReleaseRef): Promise<Traffic> {
    return attempt(() => readTraffic(this.#database.db, ref));
  }

  addTraffic(ref: ReleaseRef, more: Partial<Traffic>): Promise<void> {
    return attempt(() => addToTraffic(this.#database.db, ref, more));
  }

  changeNumber(): Promise<number> {
    return attempt(() => Promise.resolve(this.#database.changeNumber()));
  }

  #select(refine: (query: ReleaseQuery) => ReleaseQuery): Promise<readonly Release[]> {
    return attempt(async () => {
      const rows = await refine(this.#database.db.selectFrom("releases").select(releaseColumns)).execute();
      return rows.map(releaseOf);
    });
  }

  #change(change: (db: Transaction<Schema>) => Promise<void>): Promise<void> {
    return attempt(() => this.#database.db.transaction().execute(change));
  }

  #setWithdrawals(
    changes: readonly { readonly ref: ReleaseRef; readonly withdrawal: Withdrawal | null }[],
    signed: SignedFiles,
  ): Promise<void> {
    return this.#change(async (db) => {
      for (const { ref, withdrawal } of changes) {
        const columns = withdrawalColumns(withdrawal);
        const { numUpdatedRows } = await db.updateTable("releases").set(columns).where(isRef(ref)).executeTakeFirst();
        if (numUpdatedRows === 0n) {
          throw new CatalogueError("catalogue.unknown", `There is no release ${refOf(ref)} here.`);
        }
      }
      await writeSigned(db, signed);
    });
  }
}

/** To SQLite a limit below 0 is none. */
const everything = { after: null, countMax: -1 } as const;

type ReleaseQuery = SelectQueryBuilder<Schema, "releases", ReleaseRow>;

function isRef({ product, version }: ReleaseRef) {
  return (eb: ExpressionBuilder<Schema, "releases">) => eb.and({ product, version });
}

function newestFirst(query: ReleaseQuery): ReleaseQuery {
  return query.orderBy("published_at", "desc").orderBy("sequence", "desc");
}

function only(releases: readonly Release[]): Release | null {
  return releases[0] ?? null;
}

/** SQLITE_BUSY, SQLITE_LOCKED: another time it may work. */
const passing: ReadonlySet<number> = new Set([5, 6]);

async function attempt<T>(operation: () => Promise<T>): Promise<T> {
  try {
    return await operation();
  } catch (cause) {
    if (cause instanceof DatabaseError) {
      const text = `The catalogue could not be read or written. ${cause.message}`;
      throw new CatalogueError("catalogue.store", text, { cause, retryable: cause.retryable });
    }
    if (cause instanceof CodedError || cause instanceof AssertionError) throw cause;
    const { errcode } = cause as { errcode?: number };
    const retryable = errcode !== undefined && passing.has(errcode & 0xff);
    const text = `The catalogue could not be read or written: ${messageOf(cause)}`;
    throw new CatalogueError("catalogue.store", text, { cause, retryable });
  }
}
