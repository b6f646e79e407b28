// Layer 4: an artifact on disk. Piece buffers with a bounded total, I/O threads that hash and write in one go, resume
// after a kill, completion by one rename, and reading a payload to publish or verify it.

export { BufferPool } from "./buffer-pool.ts";
export type { BufferHolder, PieceBuffer } from "./buffer-pool.ts";
export { StorageWorkers } from "./storage-workers.ts";
export { PieceStore } from "./piece-store.ts";
export type { PieceOutcome, PieceStoreOptions } from "./piece-store.ts";
export { StorageError, toStorageError, withStorageErrors } from "./storage-error.ts";
export type { StorageErrorCode } from "./storage-error.ts";
export type { PieceHashSource } from "./artifact.ts";
export { scanPayload } from "./payload-scan.ts";
export type { PayloadScan } from "./payload-scan.ts";
export { hashPayload } from "./payload-hashes.ts";
export type { HashedPayload, HashPayloadOptions } from "./payload-hashes.ts";
export { verifyPayload } from "./payload-verification.ts";
export type { BadFile, PayloadVerdict, VerifyPayloadOptions } from "./payload-verification.ts";
export type { HashingProgress } from "./payload-hashing.ts";
export { writeNewFile } from "./new-file.ts";
export type { FileFault } from "./file-calls.ts";
