// The limits of src/storage. Each is a named constant with its unit and the reason for its value.

/** Smallest class of piece buffers: one block. */
export const POOL_CLASS_BYTES_MIN = 16_384;
/** Files that each I/O thread keeps open. Two threads and a few hundred sockets stay well under the usual 1024 descriptors. */
export const OPEN_FILES_PER_WORKER_MAX = 64;
/** Of all descriptors of the process, what all I/O threads together may keep for files: the others are for connections. */
export const OPEN_FILES_SHARE = 0.25;
/** I/O threads at most: beyond this a disk or the memory bus is the limit. */
export const STORAGE_WORKERS_MAX = 16;
/** Heap of an I/O thread: it holds piece lists and digests, never payload. */
export const WORKER_HEAP_MIB_MAX = 48;
/** What an I/O thread reads at a time while it hashes files: fits a core's cache (measured: larger is slower). */
export const HASH_READ_BYTES = 262_144;
/** Payload that one hash job covers: enough to hide the message's cost (4 MiB: 2 % slower), small enough for smooth progress. */
export const HASH_JOB_BYTES = 16_777_216;
/** Parts of pieces that one hash job lists: bounds a message where files are tiny. */
export const HASH_JOB_SEGMENTS_MAX = 4_096;
/** Pieces whose journal records share a write: done within milliseconds, since an intent explains only what follows it soon. */
export const WRITE_BATCH_BYTES = 1_048_576;
/** What waits at an I/O thread before the next thread gets work too. */
export const THREAD_SHARE_BYTES = 4_194_304;
/** What the network thread hashes and writes by itself a second, at 1.7 ms a mebibyte of a hybrid torrent (the rates of decision 10). */
export const DIRECT_BYTES_PER_SECOND_MAX = 20_971_520;
/** … and of that beyond: a fast download is with the I/O threads after some ms, and what a busy computer has held up is not. */
export const DIRECT_BURST_BYTES_MAX = 8_388_608;
/** … and in one turn of the event loop, or a piece more. */
export const DIRECT_TURN_BYTES_MAX = 2_097_152;
/** Longest piece that it hashes by itself: nobody is answered meanwhile. */
export const DIRECT_PIECE_BYTES_MAX = 1_048_576;
/** Share of its time that this may take, waiting for a slow disk included, … */
export const DIRECT_TIME_SHARE_MAX = 0.25;
/** … and how much more at once. The kernel holds a writer for up to 200 ms where the disk does not keep up. */
export const DIRECT_TIME_MS_MAX = 150;
/** How long the I/O threads do all of it after that. */
export const DIRECT_REST_MS = 60_000;
/** What the network thread reads by itself a second, for uploading: a quarter of its time at the 4 GB/s of a copy from the system's memory. */
export const DIRECT_READ_BYTES_PER_SECOND_MAX = 1_073_741_824;
/** … and of that at once, a millisecond's work: twice what is read ahead for one peer. */
export const DIRECT_READ_BURST_BYTES_MAX = 4_194_304;
/** A read that is slower than this has waited for the disk. */
export const MEMORY_COPY_BYTES_PER_SECOND_MIN = 1_073_741_824;
/** A resume journal beyond this is not read: everything is hashed again. 2^21 pieces of one file need 112 MiB. */
export const JOURNAL_BYTES_MAX = 268_435_456;
/**
 * How often a journal's length may be checksummed in vain, where it is looked at for records in what is damaged: by then it
 * was made to look like records, not written, and each byte of it could cost all the others.
 */
export const JOURNAL_VAIN_CHECKSUMS_MAX = 16;
/** First line of a resume journal. */
export const JOURNAL_HEADER_BYTES_MAX = 4_096;
/** What a machine crash may cost: data written since the last checkpoint is hashed again. */
export const CHECKPOINT_INTERVAL_MS = 10_000;
/** As above, in bytes, so that a fast download does not leave the kernel a long queue of dirty pages. */
export const CHECKPOINT_BYTES = 268_435_456;
/** A lock file holds one short line. */
export const LOCK_FILE_BYTES_MAX = 4_096;
/** A lock file that stays empty for longer is not being written: its machine crashed. */
export const LOCK_WRITING_MS_MAX = 5_000;
/** Entries of a payload folder: far beyond what metainfo can name, so a mistaken path ends soon. */
export const PAYLOAD_ENTRIES_MAX = 1_000_000;
/** Nested folders of a payload. */
export const PAYLOAD_DEPTH_MAX = 128;
/** How often it is looked at whether a file that is being served still has its name: a look costs some ten µs. */
export const FILE_CHECK_MS = 1_000;
