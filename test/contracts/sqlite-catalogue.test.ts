// The contract of the catalogue, for the one in SQLite.

import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { SqliteCatalogue } from "../../src/origin/catalogue/sqlite-catalogue.ts";
import { openDatabase } from "../../src/origin/database/open-database.ts";
import type { CataloguePlace } from "./catalogue-place.ts";
import { catalogueContract } from "./catalogue.ts";

async function makePlace(): Promise<CataloguePlace> {
  const folder = await mkdtemp(join(tmpdir(), "upswarm-catalogue-"));
  return {
    open: async () => {
      const database = await openDatabase(join(folder, "origin.db"));
      return { catalogue: new SqliteCatalogue(database), [Symbol.asyncDispose]: () => database[Symbol.asyncDispose]() };
    },
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true }),
  };
}

for (const [what, run] of Object.entries(catalogueContract)) {
  test(`SqliteCatalogue: ${what}`, async () => {
    await using place = await makePlace();
    await run(place);
  });
}
