/** A peer that does not answer a SYN within this time is tried again later. */
export const TCP_CONNECT_TIMEOUT_MS = 8_000;
/** One receive buffer for all outbound connections; larger reads mean fewer system calls (measured: 256 KiB is enough). */
export const TCP_RECEIVE_BUFFER_BYTES = 262_144;
