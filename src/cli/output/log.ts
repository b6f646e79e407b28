// The log on stderr: for a person `warn  tracker.failed url=…`, for a collector one JSON object a line.

import type { Clock, Log, LogFields, LogLevel } from "../../core/index.ts";
import { printable, type StatusLine } from "./status-line.ts";

const ranks: Readonly<Record<LogLevel, number>> = { debug: 0, info: 1, warn: 2, error: 3 };

export interface LogDeps {
  readonly status: StatusLine;
  readonly clock: Clock;
  readonly format: "text" | "json";
  /** The least level that is written. */
  readonly level: LogLevel;
}

export function createLog(deps: LogDeps): Log {
  const render = deps.format === "json" ? jsonLine : textLine;
  return {
    write: (level, event, fields = {}) => {
      if (ranks[level] >= ranks[deps.level]) deps.status.line(render(level, event, fields, deps.clock));
    },
  };
}

function jsonLine(level: LogLevel, event: string, fields: LogFields, clock: Clock): string {
  return JSON.stringify({ ...fields, type: "log", time: new Date(clock.wallMs()).toISOString(), level, event });
}

function textLine(level: LogLevel, event: string, fields: LogFields): string {
  const shown = Object.entries(fields).flatMap(([name, value]) =>
    value === undefined ? [] : [`${name}=${quoted(String(value))}`],
  );
  return printable([level.padEnd(5), event, ...shown].join(" "));
}

function quoted(value: string): string {
  return /^[^\s"=]+$/.test(value) ? value : JSON.stringify(value);
}
