import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { formatDuration, formatSize, parseDuration, parseRate, parseSize } from "./units.ts";

test("parseSize() rejects what has no unit, an ambiguous unit, a sign or part of a byte", () => {
  for (const text of ["", "64", "64mb", "64KB", "64Mib", "-1MiB", "1.5B", "0x10B", "1e3B", "1 MiB ", "∞B", "64MiB/s"]) {
    assert.throws(() => parseSize(text), { code: "units.size" }, text);
  }
});

test("parseSize() rejects a size beyond whole numbers that are exact", () => {
  assert.throws(() => parseSize("9007199254740992B"), { code: "units.size" });
  assert.throws(() => parseSize("99999TiB"), { code: "units.size" });
});

test("parseSize() tells 1000 from 1024 and is exact in decimals", () => {
  assert.equal(parseSize("64MiB"), 67_108_864);
  assert.equal(parseSize("64 MB"), 64_000_000);
  assert.equal(parseSize("1.5KiB"), 1536);
  assert.equal(parseSize("0.3kB"), 300);
  assert.equal(parseSize("0B"), 0);
});

test("parseRate() rejects a size, a bare number, nothing at all and less than a byte a second", () => {
  for (const text of ["", "20", "5MiB", "20mb", "5mib/s", "20mbit/s", "0mbit", "7bit", "-1kbit"]) {
    assert.throws(() => parseRate(text), { code: "units.rate" }, text);
  }
});

test("parseRate() reads bits as decimal and bytes by their unit", () => {
  assert.equal(parseRate("20mbit"), 2_500_000);
  assert.equal(parseRate("20Mbit"), 2_500_000);
  assert.equal(parseRate("800kbit"), 100_000);
  assert.equal(parseRate("5MiB/s"), 5_242_880);
  assert.equal(parseRate("500kB/s"), 500_000);
});

test("parseDuration() rejects what has no unit or a unit it does not know", () => {
  for (const text of ["", "30", "30sec", "1h30m", "-2h", "0.5ms", "2H"]) {
    assert.throws(() => parseDuration(text), { code: "units.duration" }, text);
  }
});

test("parseDuration() gives milliseconds", () => {
  assert.deepEqual(
    ["250ms", "30s", "5m", "2h", "1.5d"].map(parseDuration),
    [250, 30_000, 300_000, 7_200_000, 129_600_000],
  );
});

test("parseSize() reads every whole number of every unit exactly", () => {
  const units = { B: 1, kB: 1e3, KiB: 1024, MB: 1e6, MiB: 1024 ** 2, GB: 1e9, GiB: 1024 ** 3 };
  fc.assert(
    fc.property(fc.nat(8_000_000), fc.constantFrom(...Object.entries(units)), (count, [unit, factor]) => {
      assert.equal(parseSize(`${count}${unit}`), count * factor);
    }),
  );
});

test("parseRate() gives eight times less for bits than for bytes", () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 1_000_000 }), (count) => {
      assert.equal(parseRate(`${count * 8}kbit`), parseRate(`${count}kB/s`));
    }),
  );
});

test("the unit parsers give a whole number or a UnitError, whatever the text", () => {
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.stringMatching(/^[0-9.]{1,20}[a-zA-Z/]{0,6}$/)), (text) => {
      for (const parse of [parseSize, parseRate, parseDuration]) {
        try {
          const value = parse(text);
          assert.ok(Number.isSafeInteger(value) && value >= 0);
        } catch (error) {
          assert.equal((error as Error).name, "UnitError");
        }
      }
    }),
  );
});

test("formatSize() never shows 1024 of a unit", () => {
  assert.deepEqual([0, 1023, 1024, 1_048_575, 217_471_386].map(formatSize), [
    "0 B",
    "1023 B",
    "1.0 KiB",
    "1.0 MiB",
    "207.4 MiB",
  ]);
});

test("formatDuration() shows two units at most", () => {
  assert.deepEqual([0, 3.2, 125, 3600, 11_530, 187_200].map(formatDuration), [
    "0 s",
    "4 s",
    "2 min 5 s",
    "1 h",
    "3 h 12 min",
    "2 d 4 h",
  ]);
});
