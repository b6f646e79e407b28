/** The unit of requests: 16 KiB (BEP 3, 52). */
export const BLOCK_LENGTH_BYTES = 16_384;
