// The signed metadata of an origin's folder, and what of the catalogue changes with it: for key ceremonies, which must work
// where the origin itself cannot be opened (its online key is lost). A running origin follows the catalogue by itself.

import type { Clock } from "../../core/index.ts";
import type { MetadataFiles, MetadataStore, WithdrawalRecord } from "../../release/index.ts";
import type { WithdrawnRelease } from "../catalogue/catalogue.ts";
import { SqliteCatalogue } from "../catalogue/sqlite-catalogue.ts";
import { dataFolderOf, readConfig } from "../data-folder.ts";
import { openDatabase } from "../database/open-database.ts";
import { FolderPayloadStore } from "../payloads/folder-payload-store.ts";
import { PayloadError } from "../payloads/payload-store.ts";

export interface OpenMetadataStore extends MetadataStore, AsyncDisposable {
  /** Where the origin's own key lies, and where the offline ones lie until they are moved away. */
  readonly onlineKeys: string;
  readonly offlineKeys: string;
  /**
   * Metadata that withdraws releases too, in one transaction; then their payloads are quarantined. Returns the first failure
   * of that, or null: the change is stored all the same. It leaves payloads, as a crash between does, that nobody is served,
   * and that the origin's next start quarantines.
   * @throws CatalogueError catalogue.conflict, catalogue.unknown
   */
  withdraw(records: readonly WithdrawalRecord[], files: MetadataFiles): Promise<PayloadError | null>;
}

/** @throws DataFolderError data.none, data.unreadable; DatabaseError */
export async function openMetadataStore(path: string, clock: Clock): Promise<OpenMetadataStore> {
  const folder = dataFolderOf(path);
  await readConfig(folder);
  const database = await openDatabase(folder.database);
  const catalogue = new SqliteCatalogue(database);
  return {
    onlineKeys: folder.onlineKeys,
    offlineKeys: folder.offlineKeys,
    current: () => catalogue.currentlySigned(),
    append: (files) => catalogue.sign(files),
    withdraw: async (records, files) => {
      await catalogue.withdrawAll(records.map(withdrawnRelease), files);
      try {
        await quarantineAll(await FolderPayloadStore.open(folder.root, clock), records);
        return null;
      } catch (error) {
        if (error instanceof PayloadError) return error;
        throw error;
      }
    },
    [Symbol.asyncDispose]: async () => await database[Symbol.asyncDispose](),
  };
}

/** All that can be; then the first failure is thrown. */
async function quarantineAll(payloads: FolderPayloadStore, records: readonly WithdrawalRecord[]): Promise<void> {
  const outcomes = await Promise.allSettled(records.map((record) => payloads.quarantine(record)));
  const failed = outcomes.find((outcome) => outcome.status === "rejected" && !isAbsent(outcome.reason));
  if (failed?.status === "rejected") throw failed.reason;
}

function withdrawnRelease({ product, version, at, ...why }: WithdrawalRecord): WithdrawnRelease {
  const { kind, reason, demandedBy, vendorUrl, replacedBy } = why;
  const withdrawal = { kind, at: Date.parse(at), reason, demandedBy, vendorUrl, replacedBy, caseId: null };
  return { ref: { product, version }, withdrawal };
}

/** A payload that is lost needs no quarantine. */
function isAbsent(error: unknown): boolean {
  return error instanceof PayloadError && error.code === "payload.unknown";
}
