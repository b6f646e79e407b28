// The limits of signing in src/origin.

/** Signing is read, sign, store if nobody stored meanwhile. Publisher and origin meet seldom; who loses tries again. */
export const ORIGIN_SIGNING_ATTEMPTS_MAX = 5;
/** How often the origin looks whether snapshot, timestamp and withdrawals are to be signed again. */
export const ORIGIN_REFRESH_CHECK_MS = 60_000;
