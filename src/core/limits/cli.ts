// The limits of src/cli. Each is a named constant with its unit and the reason for its value.

/** A config file is written by a person; a megabyte is a file that was named by mistake. */
export const CONFIG_FILE_BYTES_MAX = 1_048_576;
/** Machine-readable progress comes at most four times a second: twenty machines watched at once stay cheap. */
export const PROGRESS_INTERVAL_MS = 250;
/** Without a terminal, progress is a line in a log file: one every ten seconds. */
export const PROGRESS_PLAIN_INTERVAL_MS = 10_000;
/** What a clean end may take after Ctrl-C (stopped announces, journal) before the process ends regardless. */
export const CLEAN_END_MS_MAX = 10_000;
