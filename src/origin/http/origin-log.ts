// The log of the origin: one JSON object a line (pino), for a collector. The parts write through the `Log` of core, requests
// through Fastify's child of the same logger, so that both stand in one stream.

import { pino } from "pino";
import type { DestinationStream, Logger } from "pino";
import type { Log, LogLevel } from "../../core/index.ts";

/** Where no destination is given, to stderr: stdout belongs to the command's result. */
export function createLogger(level: LogLevel = "info", destination: DestinationStream = pino.destination(2)): Logger {
  return pino(
    {
      level,
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
    },
    destination,
  );
}

/** `event` is the line's "msg". */
export function logOf(logger: Logger): Log {
  return { write: (level, event, fields) => logger[level]({ ...fields }, event) };
}
