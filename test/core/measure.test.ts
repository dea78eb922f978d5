import { describe, expect, it } from "vitest";
import * as layout from "../../assembly/layout.ts";
import { isBlank, type Measure, readMeasure } from "../../src/core/measure.ts";

const ZERO: Measure = readMeasure({ u32: new Uint32Array(40), f64: new Float64Array(20) }, 0);
const { totals: NO_TOTALS, share: _, ...COUNTS } = ZERO;
/** The totals in the order of their cells. */
const countsOf = ({ succeeded, failed, slow, refusedBy, late, opened }: Measure["totals"]) => {
  const {
    open: refused,
    forced_open: refusedForced,
    throttled: refusedThrottled,
    busy: refusedBusy,
  } = refusedBy;
  return { succeeded, failed, slow, refused, refusedForced, refusedThrottled, refusedBusy, late, opened };
};
const FIELDS = Object.keys(COUNTS) as (keyof typeof COUNTS)[];

/** The cells of layout.ts in the order of their offsets, in the words of the fields. */
function cells(prefix: string): string[] {
  const offsets = Object.entries(layout)
    .filter(([name]) => name.startsWith(prefix) && name.endsWith("_OFFSET"))
    .sort(([, one], [, other]) => Number(one) - Number(other));
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
    const [share, ...first] = [...cells("MEASURE_")].reverse();
    expect([share, ...first]).toEqual(["share", "totals", ...fields.reverse()]);
    expect(Object.keys(countsOf(NO_TOTALS))).toEqual(cells("TOTALS_"));
  });

  it("fit the scratch of a writer", () => {
    expect(layout.TOTALS_SIZE).toBe(Object.keys(countsOf(NO_TOTALS)).length * 8);
    expect(layout.MEASURE_TOTALS_OFFSET).toBe(FIELDS.length * 4);
    expect(layout.MEASURE_SIZE).toBe(layout.MEASURE_TOTALS_OFFSET + layout.TOTALS_SIZE + 8);
    expect(layout.WRITER_SCRATCH_OFFSET + layout.MEASURE_SIZE).toBeLessThanOrEqual(layout.WRITER_SIZE);
  });

  it("are read one by one from an address", () => {
    const u32 = Uint32Array.from({ length: 80 }, (_, index) => index);
    const f64 = Float64Array.from({ length: 40 }, (_, index) => 1_000 + index);
    const { totals, share, ...counts } = readMeasure({ u32, f64 }, 80);
    expect(Object.values(counts)).toEqual(FIELDS.map((_, index) => 20 + index));
    const first = 1_000 + (80 + layout.MEASURE_TOTALS_OFFSET) / 8;
    const read = Object.values(countsOf(totals));
    expect(read).toEqual(read.map((_, index) => first + index));
    expect(totals.refused).toBe(read[3]! + read[4]! + read[5]! + read[6]!);
    expect(share * layout.SHARE_ONE).toBe((80 + layout.MEASURE_SHARE_OFFSET) / 4);
  });
});

describe("a blank measure", () => {
  it.each(FIELDS)("is one without %s, where a new breaker has none", (field) => {
    const mayDiffer = ["hung", "failures", "slow", "countFailures", "countSlow"];
    expect(isBlank({ ...ZERO, [field]: 1 })).toBe(mayDiffer.includes(field));
    expect(isBlank(ZERO)).toBe(true);
  });
});
