// What happened, as an event name and fields, for a person or a collector to read. Where it goes is the caller's affair.

export type LogLevel = "debug" | "info" | "warn" | "error";
export type LogFields = Readonly<Record<string, string | number | boolean | null | undefined>>;

export interface Log {
  /** `event` is a constant such as "peer.banned"; `fields` hold what varies. */
  write(level: LogLevel, event: string, fields?: LogFields): void;
}

export const silentLog: Log = { write: () => {} };
