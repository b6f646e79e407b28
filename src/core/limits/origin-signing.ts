// The limits of signing in src/origin.

/** Signing is read, sign, store if nobody stored meanwhile. Publisher and origin meet seldom; who loses tries again. */
export const ORIGIN_SIGNING_ATTEMPTS_MAX = 5;
/**
 * How often the origin looks whether snapshot, timestamp and withdrawals are to be signed again. That costs a query; and when
 * the machine wakes up, or its clock is set, machines are refused for no longer than this.
 */
export const ORIGIN_REFRESH_CHECK_MS = 10_000;
