// Signing in, by password or API token. What is wrong is not said: an unknown name takes as long as a wrong password and
// reads the same.

import {
  ADMIN_NAME_LENGTH_MAX,
  ADMIN_PASSWORD_CHECKS_MAX,
  ADMIN_PASSWORD_LENGTH_MAX,
  type Clock,
  type Log,
  type Random,
} from "../../core/index.ts";
import type { Database } from "../database/open-database.ts";
import { appendEntry } from "../notices/chain-log.ts";
import { hashPassword, verifyPassword } from "./password.ts";
import type { Sessions } from "./sessions.ts";
import { SignInGuard } from "./sign-in-guard.ts";

export type VerifyToken = (token: string) => Promise<{ readonly name: string } | null>;

export interface SignInParts {
  readonly db: Database["db"];
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  readonly sessions: Sessions;
  /** Of API tokens that may administer. Null: no signing in by token. */
  readonly verifyToken: VerifyToken | null;
}

export type SignInOutcome =
  | { readonly kind: "signed-in"; readonly sessionId: string }
  | { readonly kind: "wrong" }
  | { readonly kind: "locked"; readonly untilMs: number }
  /** Too many at the same moment. */
  | { readonly kind: "busy" };

export class SignIn {
  readonly #parts: SignInParts;
  readonly #guard: SignInGuard;
  #checks = 0;
  /** What a password of nobody is compared with. */
  #nobody: Promise<string> | null = null;

  constructor(parts: SignInParts) {
    this.#parts = parts;
    this.#guard = new SignInGuard(parts.db);
  }

  async byPassword(name: string, password: string, address: string): Promise<SignInOutcome> {
    // Longer ones cannot be right, and would fill the table of failures.
    if (name.length > ADMIN_NAME_LENGTH_MAX || password.length > ADMIN_PASSWORD_LENGTH_MAX) return { kind: "wrong" };
    return this.#guarded(name, address, async () =>
      (await this.#isRight(name, password)) ? { actor: name, via: "password" } : null,
    );
  }

  async byToken(token: string, address: string): Promise<SignInOutcome> {
    const { verifyToken } = this.#parts;
    // One key for all tokens: they are too long to be guessed, so only the address is held back.
    return this.#guarded(`token from ${address}`, address, async () => {
      const found = verifyToken === null ? null : await verifyToken(token);
      return found === null ? null : { actor: `token ${found.name}`, via: "token" };
    });
  }

  async locked(): ReturnType<SignInGuard["locked"]> {
    return this.#guard.locked(this.#parts.clock.wallMs());
  }

  async #guarded(
    key: string,
    address: string,
    check: () => Promise<{ readonly actor: string; readonly via: "password" | "token" } | null>,
  ): Promise<SignInOutcome> {
    const { clock, log, sessions } = this.#parts;
    if (this.#checks >= ADMIN_PASSWORD_CHECKS_MAX) return { kind: "busy" };
    this.#checks += 1;
    try {
      const allowed = await this.#guard.begin(key, address, clock.wallMs());
      if (!allowed.isAllowed) {
        log.write("warn", "admin.sign-in-locked", { account: key, address });
        return { kind: "locked", untilMs: allowed.untilMs };
      }
      const found = await check();
      if (found === null) {
        log.write("warn", "admin.sign-in-failed", { account: key, address });
        return { kind: "wrong" };
      }
      await this.#guard.succeeded(key, address);
      const sessionId = await sessions.create(found.actor, found.via);
      await this.#audit(found.actor, found.via);
      return { kind: "signed-in", sessionId };
    } finally {
      this.#checks -= 1;
    }
  }

  async #isRight(name: string, password: string): Promise<boolean> {
    const { db, random } = this.#parts;
    const row = await db.selectFrom("accounts").select("password").where("name", "=", name).executeTakeFirst();
    this.#nobody ??= hashPassword(random.bytes(16).toString("hex"), random);
    const isRight = await verifyPassword(row?.password ?? (await this.#nobody), password);
    return row !== undefined && isRight;
  }

  async #audit(actor: string, via: string): Promise<void> {
    const { db, clock } = this.#parts;
    const entry = { at: clock.wallMs(), subject: actor, event: "session.begin", fields: { via }, record: null };
    await db.transaction().execute((trx) => appendEntry(trx, "audit", entry));
  }
}
