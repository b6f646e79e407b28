// Accounts of administrators, their sessions, and sign-ins that failed: migration 0003.

export interface AccountTables {
  accounts: AccountTable;
  sessions: SessionTable;
  sign_in_failures: SignInFailureTable;
}

interface AccountTable {
  name: string;
  /** scrypt$N$r$p$salt$hash */
  password: string;
  created_at: number;
}

interface SessionTable {
  /** SHA-256 of the cookie's value, hex: who reads the database cannot sign in with it. */
  id_hash: string;
  /** An account's name, or what an API token is called. */
  actor: string;
  via: "password" | "token";
  created_at: number;
  seen_at: number;
}

interface SignInFailureTable {
  /** "account:NAME" or "address:NETWORK" */
  key: string;
  failures: number;
  last_at: number;
}
