// Passwords as scrypt hashes (node:crypto), each with its own salt and its cost beside it, so that the cost can grow. A check
// takes 32 MiB and some tens of milliseconds: how many run at once is bounded by whoever calls it.

import { scrypt, timingSafeEqual, type ScryptOptions } from "node:crypto";
import { promisify } from "node:util";
import type { Random } from "../../core/index.ts";

export interface PasswordCost {
  readonly N: number;
  readonly r: number;
  readonly p: number;
}

/** OWASP's cost for 32 MiB of memory. */
const COST: PasswordCost = { N: 32_768, r: 8, p: 3 };
const SALT_BYTES = 16;
const HASH_BYTES = 32;
/** scrypt refuses to take more; 128 · N · r is what it needs. */
const MEMORY_BYTES_MAX = 64 * 1024 * 1024;

const derive = promisify<string, Buffer, number, ScryptOptions, Buffer>(scrypt);

/** `cost`: a lower one is for tests that check many. */
export async function hashPassword(password: string, random: Random, cost: PasswordCost = COST): Promise<string> {
  const salt = random.bytes(SALT_BYTES);
  const hashed = await derive(normal(password), salt, HASH_BYTES, { ...cost, maxmem: MEMORY_BYTES_MAX });
  return ["scrypt", cost.N, cost.r, cost.p, salt.toString("base64url"), hashed.toString("base64url")].join("$");
}

export async function verifyPassword(stored: string, password: string): Promise<boolean> {
  const [, N, r, p, salt = "", hashed = ""] = stored.split("$");
  const expected = Buffer.from(hashed, "base64url");
  const cost = { N: Number(N), r: Number(r), p: Number(p), maxmem: MEMORY_BYTES_MAX };
  const actual = await derive(normal(password), Buffer.from(salt, "base64url"), expected.length, cost);
  return timingSafeEqual(actual, expected);
}

/** The same password typed on another keyboard can come as other code points (NIST SP 800-63B). */
function normal(password: string): string {
  return password.normalize("NFKC");
}
