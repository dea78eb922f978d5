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
  const sizes = offsets.map(([name]) => (/THROTTLED|BUSY/.test(name) ? 8 : 4)); // f64: they rise for life
  const starts = sizes.map((_, index) => sizes.slice(0, index).reduce((sum, size) => sum + size, 0));
  expect(offsets.map(([, offset]) => offset)).toEqual(starts);
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
    expect(layout.MEASURE_SIZE).toBe(FIELDS.length * 4 + 3 * 4); // two f64, and whole f64 in all
    expect(layout.WRITER_SCRATCH_OFFSET + layout.MEASURE_SIZE).toBeLessThanOrEqual(layout.WRITER_SIZE);
  });

  it("are read one by one from an address", () => {
    const u32 = Uint32Array.from({ length: 40 }, (_, index) => index);
    const measure = readMeasure({ u32, f64: new Float64Array(u32.buffer) }, 80);
    const u32Fields = Object.values(measure).slice(0, 12);
    expect(u32Fields).toEqual(u32Fields.map((_, index) => 20 + index));
    expect(measure.share).toBe(36 / layout.SHARE_ONE);
  });
});

describe("a blank measure", () => {
  it.each(FIELDS)("is one without %s, where a new breaker has none", (field) => {
    const mayDiffer = ["late", "refused", "hung", "failures", "slow", "countFailures", "countSlow"].concat([
      "throttled",
      "busy",
      "share",
    ]);
    expect(isBlank({ ...ZERO, [field]: 1 })).toBe(mayDiffer.includes(field));
    expect(isBlank(ZERO)).toBe(true);
  });
});
