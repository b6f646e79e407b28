// The limits of src/origin/notices and src/origin/admin. Each is a named constant with its unit and the reason for its value.

/** A counter-notice leads to a put-back no sooner than this (17 U.S.C. 512(g)(2)(C)). */
export const NOTICES_PUT_BACK_BUSINESS_DAYS_MIN = 10;
/** … and no later than this (same place). */
export const NOTICES_PUT_BACK_BUSINESS_DAYS_MAX = 14;
/** How often mails, put-backs and withdrawals that failed are looked at: a withdrawal waits 5 s at most where it can. */
export const NOTICES_ROUND_MS = 5_000;

/** Characters of a one-line field: a name, a phone number, a URL of a release. */
export const NOTICES_LINE_LENGTH_MAX = 500;
/** Characters of a field with several lines: an address, what the work is. A representative list of works fits. */
export const NOTICES_TEXT_LENGTH_MAX = 5_000;
/** Bytes of a posted form or JSON body: every field full of Latin letters fits. */
export const NOTICES_BODY_BYTES_MAX = 65_536;

/** Notices and counter-notices an hour from one address (an IPv6 /64 is one): an agency sends its list by API. */
export const NOTICES_PER_ADDRESS_MAX = 20;
/** … from all addresses: what one administrator could read in a day. */
export const NOTICES_TOTAL_MAX = 200;
/** Confirmation mails an hour to one recipient, who may not be the one who fills in the form. */
export const NOTICES_PER_RECIPIENT_MAX = 5;
/** The span of the three limits above. */
export const NOTICES_BUDGET_MS = 3_600_000;
/** Keys whose events are counted at once; the oldest go first. Some megabytes. */
export const NOTICES_COUNTED_KEYS_MAX = 10_000;
/** A form is not filled in by a person faster than this. */
export const NOTICES_FORM_MS_MIN = 3_000;
/** A form that was opened longer ago is shown again with what was typed. */
export const NOTICES_FORM_MS_MAX = 86_400_000;
/** A link to confirm an e-mail address is good for a week: notices are sent before weekends and holidays too. */
export const NOTICES_CONFIRMATION_MS: number = 7 * 86_400_000;

/** Tries of a mail, the wait doubled from NOTICES_MAIL_RETRY_MS: the last is three days after the first. */
export const NOTICES_MAIL_TRIES_MAX = 12;
export const NOTICES_MAIL_RETRY_MS = 60_000;
/** A mail server that is silent for this long counts as down. */
export const NOTICES_MAIL_TIMEOUT_MS = 30_000;
/** Mails of one round: a queue after a long outage does not hold up the rest. */
export const NOTICES_MAILS_A_ROUND_MAX = 50;

/** Cases of one list, newest first: what a page can show; the log has all. */
export const NOTICES_LISTED_CASES_MAX = 500;
/** Entries of the log on one page. */
export const NOTICES_LOG_PAGE_ENTRIES = 200;

/** Releases of one list of the admin, newest first: more are found by searching. Each swarm of them is asked for. */
export const ADMIN_RELEASES_MAX = 100;
/** A session that nobody used for this long is over: a lunch. */
export const ADMIN_SESSION_IDLE_MS = 3_600_000;
/** A session is over after this, used or not: a working day. */
export const ADMIN_SESSION_MS: number = 12 * 3_600_000;
/** Failed sign-ins of one account after which each further one has to wait. */
export const ADMIN_ACCOUNT_FAILURES_MAX = 5;
/** … and of one address, over all accounts. */
export const ADMIN_ADDRESS_FAILURES_MAX = 20;
/** The wait after one failure too many; doubled for each further one. */
export const ADMIN_LOCK_MS = 60_000;
/** The longest wait: with it, a guesser has 100 tries a day, and a person whom somebody locks out can wait. */
export const ADMIN_LOCK_MS_MAX: number = 15 * 60_000;
/** Failures are forgotten after a day without another one. */
export const ADMIN_FAILURES_FORGOTTEN_MS = 86_400_000;
/** Names and addresses whose failures are kept; the oldest go first. */
export const ADMIN_FAILURE_KEYS_MAX = 10_000;
/** Passwords that are checked at once: each takes 32 MiB and most of a core for a tenth of a second. */
export const ADMIN_PASSWORD_CHECKS_MAX = 2;
/** Characters of a password: NIST SP 800-63B asks for 8 at least, and administrators of an origin can do better. */
export const ADMIN_PASSWORD_LENGTH_MIN = 12;
/** … and no more than a hash should be made of. */
export const ADMIN_PASSWORD_LENGTH_MAX = 256;
/** Characters of an account's name. */
export const ADMIN_NAME_LENGTH_MAX = 64;
