// The tokens of the API: migration 0002.

export interface TokenTables {
  tokens: TokenTable;
}

interface TokenTable {
  /** Public: names it in lists and logs. */
  id: string;
  name: string;
  /** SHA-256 of the token. */
  hash: string;
  /** Separated by spaces. */
  scopes: string;
  created_at: number;
  used_at: number | null;
  revoked_at: number | null;
}
