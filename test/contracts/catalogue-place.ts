// Where the contract of the catalogue runs, and how a refusal looks there.

import assert from "node:assert/strict";
import type { Catalogue, CatalogueErrorCode } from "../../src/origin/catalogue/catalogue.ts";

/** Somewhere that outlives the catalogues opened on it: a file, a server's database. */
export interface CataloguePlace extends AsyncDisposable {
  /** Several may be open at once, as in several processes. */
  open(): Promise<OpenCatalogue>;
}

export interface OpenCatalogue extends AsyncDisposable {
  readonly catalogue: Catalogue;
}

/** What holds, and how to see it on a fresh place. */
export type Contract = Readonly<Record<string, (place: CataloguePlace) => Promise<void>>>;

export async function refused(code: CatalogueErrorCode, change: Promise<unknown>): Promise<void> {
  await assert.rejects(change, (error: { code?: unknown }) => error.code === code);
}
