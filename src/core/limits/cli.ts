// The limits of src/cli. Each is a named constant with its unit and the reason for its value.

/** A config file is written by a person; a megabyte is a file that was named by mistake. */
export const CONFIG_FILE_BYTES_MAX = 1_048_576;
/** Machine-readable progress comes at most four times a second: twenty machines watched at once stay cheap. */
export const PROGRESS_INTERVAL_MS = 250;
/** Without a terminal, progress is a line in a log file: one every ten seconds. */
export const PROGRESS_PLAIN_INTERVAL_MS = 10_000;
/** Signals this close together are one wish to stop: `timeout`, npm and some supervisors send each one twice. */
export const INTERRUPT_ECHO_MS = 300;
/** What a clean end may take after Ctrl-C (stopped announces, journal) before the process ends regardless. */
export const CLEAN_END_MS_MAX = 10_000;
/** How long a process of the demonstration may take to end when it is asked to. */
export const DEMO_CHILD_END_MS = 5_000;
/** How long the demonstration's machines may take to start and to find each other. */
export const DEMO_READY_MS = 60_000;
/** Machines of a demonstration: each is a process with its own memory. */
export const DEMO_MACHINES_MAX = 200;
/** Without a terminal the demonstration says how far it is every two seconds. */
export const BOARD_PLAIN_INTERVAL_MS = 2_000;
/** Of keys that are kept encrypted: scrypt makes a guess dear, and shorter ones are guessed all the same. */
export const PASSPHRASE_CHARACTERS_MIN = 12;
/** Bytes of the file that holds one: more is another file, named by mistake. */
export const PASSPHRASE_BYTES_MAX = 1_024;
