import { describe, expect, it } from "vitest";
import * as layout from "../../assembly/layout.ts";
import { isBlank, type Measure, readMeasure } from "../../src/core/measure.ts";

const ZERO: Measure = readMeasure({ u32: new Uint32Array(20), f64: new Float64Array(10) }, 0);
const FIELDS = Object.keys(ZERO) as (keyof Measure)[];

/** The cells of layout.ts in the order of their offsets, in the words of the fields. */
function cells(): string[] {
  const offsets = Object.entries(layout)
    .filter(([name]) => /^MEASURE_\w+_OFFSET$/.test(name))
    .sort(([, one], [, other]) => Number(one) - Number(other));
  expect(offsets.map(([, offset]) => offset)).toEqual(offsets.map((_, index) => index * 4));
  return offsets.map(([name]) =>
    name
      .slice("MEASURE_".length, -"_OFFSET".length)
      .toLowerCase()
      .replace(/_(\w)/g, (_, letter: string) => letter.toUpperCase()),
  );
}

describe("the fields of a measure", () => {
  it("are the cells of the layout, in their order", () => {
    expect(FIELDS.map((field) => field.replace("consecutiveFailures", "consecutive"))).toEqual(cells());
  });

  it("fit the scratch of a writer", () => {
    expect(layout.MEASURE_SIZE).toBe(FIELDS.length * 4);
    expect(layout.WRITER_SCRATCH_OFFSET + layout.MEASURE_SIZE).toBeLessThanOrEqual(layout.WRITER_SIZE);
  });

  it("are read one by one from an address", () => {
    const u32 = Uint32Array.from({ length: 40 }, (_, index) => index);
    const measure = readMeasure({ u32, f64: new Float64Array(u32.buffer) }, 80);
    expect(Object.values(measure)).toEqual(FIELDS.map((_, index) => 20 + index));
  });
});

describe("a blank measure", () => {
  it.each(FIELDS)("is one without %s, where a new breaker has none", (field) => {
    const mayDiffer = ["late", "refused", "hung", "failures", "slow", "countFailures", "countSlow"];
    expect(isBlank({ ...ZERO, [field]: 1 })).toBe(mayDiffer.includes(field));
    expect(isBlank(ZERO)).toBe(true);
  });
});
