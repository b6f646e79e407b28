// Where a repository's files are kept, for those who change them.

import type { MetadataFiles } from "./metadata-documents.ts";

export interface MetadataStore {
  /** At least every root, and the current version of every other role. */
  current(): Promise<MetadataFiles>;
  /** All of them or none; `timestamp.json` alone may be replaced. Rejects where another version of a file is there. */
  append(files: MetadataFiles): Promise<void>;
}
