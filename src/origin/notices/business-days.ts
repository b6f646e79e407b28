// Business days of the United States, by which 17 U.S.C. 512(g)(2)(C) counts: Monday to Friday except federal holidays
// (5 U.S.C. 6103), each on the day on which it is observed. Computed by rule, so no table of years ends. A civil date is
// the number of days since 1970-01-01; which instant it begins at depends on the time zone, by Intl.
// Inauguration Day, a holiday of the capital's surroundings only, is a business day here.

/** Days since 1970-01-01, a Thursday. */
export type CivilDate = number;

const DAY_MS = 86_400_000;
const SATURDAY = 6;
const SUNDAY = 0;
const MONDAY = 1;
const THURSDAY = 4;

export function civilDate(year: number, month: number, day: number): CivilDate {
  return Date.UTC(year, month - 1, day) / DAY_MS;
}

/** "2026-11-25" */
export function showDate(date: CivilDate): string {
  return new Date(date * DAY_MS).toISOString().slice(0, 10);
}

export function isBusinessDay(date: CivilDate): boolean {
  const day = weekday(date);
  return day !== SATURDAY && day !== SUNDAY && holidayOn(date) === null;
}

/** The count-th business day after `date`, which itself is never counted. */
export function businessDayAfter(date: CivilDate, count: number): CivilDate {
  let found = date;
  for (let left = count; left > 0;) {
    found += 1;
    if (isBusinessDay(found)) left -= 1;
  }
  return found;
}

/** The federal holiday that is observed on that day. */
export function holidayOn(date: CivilDate): string | null {
  const year = yearOf(date);
  // New Year's Day of the next year is observed in this one where it is a Saturday.
  return holidaysOf(year).get(date) ?? holidaysOf(year + 1).get(date) ?? null;
}

const holidays = new Map<number, ReadonlyMap<CivilDate, string>>();

/** By the date of observation, which for New Year's Day may lie in the year before. */
export function holidaysOf(year: number): ReadonlyMap<CivilDate, string> {
  let known = holidays.get(year);
  if (known === undefined) {
    known = new Map(rulesOf(year).map(([name, date]) => [date, name]));
    holidays.set(year, known);
  }
  return known;
}

function rulesOf(year: number): readonly (readonly [name: string, date: CivilDate])[] {
  return [
    ["New Year's Day", observed(civilDate(year, 1, 1))],
    ["Birthday of Martin Luther King, Jr.", nth(year, 1, MONDAY, 3)],
    ["Washington's Birthday", nth(year, 2, MONDAY, 3)],
    ["Memorial Day", lastMondayOfMay(year)],
    ...(year >= 2021 ? [["Juneteenth National Independence Day", observed(civilDate(year, 6, 19))] as const] : []),
    ["Independence Day", observed(civilDate(year, 7, 4))],
    ["Labor Day", nth(year, 9, MONDAY, 1)],
    ["Columbus Day", nth(year, 10, MONDAY, 2)],
    ["Veterans Day", observed(civilDate(year, 11, 11))],
    ["Thanksgiving Day", nth(year, 11, THURSDAY, 4)],
    ["Christmas Day", observed(civilDate(year, 12, 25))],
  ];
}

/** A holiday on a Saturday is kept on Friday, one on a Sunday on Monday. */
function observed(date: CivilDate): CivilDate {
  const day = weekday(date);
  return day === SATURDAY ? date - 1 : day === SUNDAY ? date + 1 : date;
}

function nth(year: number, month: number, day: number, count: number): CivilDate {
  const first = civilDate(year, month, 1);
  return first + ((day - weekday(first) + 7) % 7) + 7 * (count - 1);
}

function lastMondayOfMay(year: number): CivilDate {
  const last = civilDate(year, 5, 31);
  return last - ((weekday(last) - MONDAY + 7) % 7);
}

function weekday(date: CivilDate): number {
  return (((date + THURSDAY) % 7) + 7) % 7;
}

function yearOf(date: CivilDate): number {
  return new Date(date * DAY_MS).getUTCFullYear();
}

/** The civil date of an instant in a zone ("America/New_York"). */
export function dateAt(ms: number, timeZone: string): CivilDate {
  return Math.floor((ms + offsetMs(ms, timeZone)) / DAY_MS);
}

/** The instant at which the date begins in the zone. */
export function startOf(date: CivilDate, timeZone: string): number {
  const utc = date * DAY_MS;
  // The offset at midnight is that of an instant near it; where a change of clocks lies between, the second look settles it.
  const near = utc - offsetMs(utc, timeZone);
  return utc - offsetMs(near, timeZone);
}

const formats = new Map<string, Intl.DateTimeFormat>();

function offsetMs(ms: number, timeZone: string): number {
  let format = formats.get(timeZone);
  if (format === undefined) {
    const numeric = "numeric";
    format = new Intl.DateTimeFormat("en-US", {
      timeZone,
      hourCycle: "h23",
      year: numeric,
      month: numeric,
      day: numeric,
      hour: numeric,
      minute: numeric,
      second: numeric,
    });
    formats.set(timeZone, format);
  }
  const parts = Object.fromEntries(format.formatToParts(ms).map(({ type, value }) => [type, Number(value)]));
  const { year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0 } = parts;
  return Date.UTC(year, month - 1, day, hour, minute, second) - Math.floor(ms / 1000) * 1000;
}
