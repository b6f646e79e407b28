// The signed metadata of an origin's folder, and nothing else of it: for key ceremonies, which must work where the
// origin itself cannot be opened (its online key is lost).

import type { MetadataStore } from "../../release/index.ts";
import { SqliteCatalogue } from "../catalogue/sqlite-catalogue.ts";
import { dataFolderOf, readConfig } from "../data-folder.ts";
import { openDatabase } from "../database/open-database.ts";

export interface OpenMetadataStore extends MetadataStore, AsyncDisposable {
  /** Where the origin's own key lies, and where the offline ones lie until they are moved away. */
  readonly onlineKeys: string;
  readonly offlineKeys: string;
}

/** @throws DataFolderError data.none, data.unreadable; DatabaseError */
export async function openMetadataStore(path: string): Promise<OpenMetadataStore> {
  const folder = dataFolderOf(path);
  await readConfig(folder);
  const database = await openDatabase(folder.database);
  const catalogue = new SqliteCatalogue(database);
  return {
    onlineKeys: folder.onlineKeys,
    offlineKeys: folder.offlineKeys,
    current: () => catalogue.currentlySigned(),
    append: (files) => catalogue.sign(files),
    [Symbol.asyncDispose]: async () => await database[Symbol.asyncDispose](),
  };
}
