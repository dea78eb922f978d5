import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { RangeSet } from "../../../src/wal/log/range-set.ts";

const RANGE = fc.tuple(fc.integer({ min: 1, max: 60 }), fc.integer({ min: 0, max: 12 }));

describe("a set of ranges", () => {
  it("has what a set of numbers has", () => {
    fc.assert(
      fc.property(fc.array(RANGE, { maxLength: 30 }), fc.integer({ min: 1, max: 80 }), (added, id) => {
        const ranges = new RangeSet();
        const numbers = new Set<number>();
        for (const [from, more] of added) {
          const before = numbers.size;
          for (let number = from; number <= from + more; number++) numbers.add(number);
          expect(ranges.add(from, from + more)).toBe(numbers.size - before);
        }
        const all = Array.from({ length: 90 }, (_, index) => index + 1);
        expect(all.filter((number) => ranges.has(number))).toEqual(
          all.filter((number) => numbers.has(number)),
        );
        expect(ranges.countIn(id, id + 10)).toBe(
          all.filter((n) => n >= id && n <= id + 10 && numbers.has(n)).length,
        );
        expect(ranges.firstMissing(id)).toBe(all.find((number) => number >= id && !numbers.has(number)));
        for (const [index, { from }] of ranges.ranges.entries()) {
          if (index > 0) expect(from).toBeGreaterThan((ranges.ranges[index - 1]?.to ?? 0) + 1);
        }
      }),
    );
  });

  it("forgets numbers below one", () => {
    const ranges = new RangeSet();
    ranges.add(1, 5);
    ranges.add(8, 10);
    ranges.removeBelow(4);
    expect(ranges.ranges).toEqual([
      { from: 4, to: 5 },
      { from: 8, to: 10 },
    ]);
  });
});
