import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import {
  businessDayAfter,
  civilDate,
  dateAt,
  holidayOn,
  holidaysOf,
  isBusinessDay,
  showDate,
  startOf,
} from "./business-days.ts";

// As the Office of Personnel Management lists them for pay and leave: days of observation.
const published: Readonly<Record<number, readonly string[]>> = {
  2020: ["01-01", "01-20", "02-17", "05-25", "07-03", "09-07", "10-12", "11-11", "11-26", "12-25"],
  2021: ["01-01", "01-18", "02-15", "05-31", "06-18", "07-05", "09-06", "10-11", "11-11", "11-25", "12-24"],
  2023: ["01-02", "01-16", "02-20", "05-29", "06-19", "07-04", "09-04", "10-09", "11-10", "11-23", "12-25"],
  2024: ["01-01", "01-15", "02-19", "05-27", "06-19", "07-04", "09-02", "10-14", "11-11", "11-28", "12-25"],
  2026: ["01-01", "01-19", "02-16", "05-25", "06-19", "07-03", "09-07", "10-12", "11-11", "11-26", "12-25"],
};

for (const [year, dates] of Object.entries(published)) {
  test(`the federal holidays of ${year} are those that were published`, () => {
    assert.deepEqual(
      [...holidaysOf(Number(year)).keys()].map(showDate).sort(),
      dates.map((date) => `${year}-${date}`),
    );
  });
}

test("New Year's Day of 2022, a Saturday, is observed on the last day of 2021", () => {
  assert.equal(holidayOn(civilDate(2021, 12, 31)), "New Year's Day");
  assert.equal(isBusinessDay(civilDate(2021, 12, 31)), false);
  assert.equal(isBusinessDay(civilDate(2022, 1, 3)), true);
});

test("Juneteenth is a holiday from 2021 on", () => {
  assert.equal(isBusinessDay(civilDate(2020, 6, 19)), true);
  assert.equal(holidayOn(civilDate(2021, 6, 18)), "Juneteenth National Independence Day");
});

function after(date: [number, number, number], count: number): string {
  return showDate(businessDayAfter(civilDate(...date), count));
}

test("businessDayAfter() counts from the day after, over a weekend, Thanksgiving and Christmas", () => {
  assert.equal(after([2026, 11, 25], 1), "2026-11-27");
  assert.equal(after([2026, 11, 25], 10), "2026-12-10");
  assert.equal(after([2026, 11, 25], 14), "2026-12-16");
  assert.equal(after([2026, 12, 18], 10), "2027-01-05");
  assert.equal(after([2026, 11, 28], 1), "2026-11-30");
});

test("between a day and its count-th business day there are count business days, never two weekends' worth too few", () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 40_000 }), fc.integer({ min: 1, max: 30 }), (date, count) => {
      const found = businessDayAfter(date, count);
      const between = Array.from({ length: found - date }, (_, index) => date + index + 1).filter(isBusinessDay);
      assert.equal(between.length, count);
      assert.equal(between.at(-1), found);
    }),
  );
});

test("a civil date begins at midnight of its zone, on days when clocks change too", () => {
  const zone = "America/New_York";
  const start = (year: number, month: number, day: number): string =>
    new Date(startOf(civilDate(year, month, day), zone)).toISOString();
  assert.equal(start(2026, 11, 25), "2026-11-25T05:00:00.000Z");
  assert.equal(start(2026, 7, 1), "2026-07-01T04:00:00.000Z");
  // Clocks go forward on March 8 and back on November 1, at two in the morning.
  assert.deepEqual([start(2026, 3, 8), start(2026, 3, 9)], ["2026-03-08T05:00:00.000Z", "2026-03-09T04:00:00.000Z"]);
  assert.deepEqual([start(2026, 11, 1), start(2026, 11, 2)], ["2026-11-01T04:00:00.000Z", "2026-11-02T05:00:00.000Z"]);
});

test("the date of an instant and the instant at which a date begins agree, in any zone", () => {
  const zones = fc.constantFrom("America/New_York", "America/Los_Angeles", "Europe/Berlin", "Asia/Kolkata", "UTC");
  fc.assert(
    fc.property(fc.integer({ min: 10_000, max: 40_000 }), zones, (date, zone) => {
      const start = startOf(date, zone);
      assert.equal(dateAt(start, zone), date);
      assert.equal(dateAt(start - 1, zone), date - 1);
    }),
  );
});
