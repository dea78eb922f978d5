import { describe, expect, it } from "vitest";
import * as layout from "../../assembly/layout.ts";
import { isBlank, type Measure, readMeasure } from "../../src/core/measure.ts";

const ZERO: Measure = readMeasure({ u32: new Uint32Array(40), f64: new Float64Array(20) }, 0);
const { totals: NO_TOTALS, ...COUNTS } = ZERO;
const FIELDS = Object.keys(COUNTS) as (keyof typeof COUNTS)[];

/** The cells of layout.ts in the order of their offsets, in the words of the fields. */
function cells(prefix: string, size: number): string[] {
  const offsets = Object.entries(layout)
    .filter(([name]) => name.startsWith(prefix) && name.endsWith("_OFFSET"))
    .sort(([, one], [, other]) => Number(one) - Number(other));
  expect(offsets.map(([, offset]) => offset)).toEqual(offsets.map((_, index) => index * size));
  return offsets.map(([name]) =>
    name
      .slice(prefix.length, -"_OFFSET".length)
      .toLowerCase()
      .replace(/_(\w)/g, (_, letter: string) => letter.toUpperCase()),
  );
}

describe("the fields of a measure", () => {
  it("are the cells of the layout, in their order", () => {
    const fields = FIELDS.map((field) => field.replace("consecutiveFailures", "consecutive"));
    expect([...fields, "totals"]).toEqual(cells("MEASURE_", 4));
    const totals = Object.keys(NO_TOTALS).map((field) =>
      field.replace("refusedOpen", "refused").replace("ForcedOpen", "Forced"),
    );
    expect(totals).toEqual(cells("TOTALS_", 8));
  });

  it("fit the scratch of a writer", () => {
    expect(layout.MEASURE_SIZE).toBe(FIELDS.length * 4 + Object.keys(NO_TOTALS).length * 8);
    expect(layout.WRITER_SCRATCH_OFFSET + layout.MEASURE_SIZE).toBeLessThanOrEqual(layout.WRITER_SIZE);
  });

  it("are read one by one from an address", () => {
    const u32 = Uint32Array.from({ length: 80 }, (_, index) => index);
    const f64 = Float64Array.from({ length: 40 }, (_, index) => 1_000 + index);
    const { totals, ...counts } = readMeasure({ u32, f64 }, 80);
    expect(Object.values(counts)).toEqual(FIELDS.map((_, index) => 20 + index));
    const first = 1_000 + (80 + layout.MEASURE_TOTALS_OFFSET) / 8;
    expect(Object.values(totals)).toEqual(Object.keys(totals).map((_, index) => first + index));
  });
});

describe("a blank measure", () => {
  it.each(FIELDS)("is one without %s, where a new breaker has none", (field) => {
    const mayDiffer = ["hung", "failures", "slow", "countFailures", "countSlow"];
    expect(isBlank({ ...ZERO, [field]: 1 })).toBe(mayDiffer.includes(field));
    expect(isBlank(ZERO)).toBe(true);
  });
});
