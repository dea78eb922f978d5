import { describe, expect, it } from "vitest";
import { PartialLine } from "../../src/ndjson/partial-line.ts";

const bytes = (...values: number[]) => Uint8Array.from(values);

describe("PartialLine", () => {
  it("copies what is appended, and gives it back once with what follows", () => {
    const partial = new PartialLine(10);
    const chunk = bytes(1, 2);
    partial.append(chunk);
    chunk.fill(9);
    partial.append(bytes(3));
    expect([partial.length, partial.total]).toEqual([3, 3]);
    expect(partial.take(bytes(4))).toEqual(bytes(1, 2, 3, 4));
    expect([partial.length, partial.total, partial.overflowed]).toEqual([0, 0, false]);
  });

  it("never changes what it gave back", () => {
    const partial = new PartialLine(10);
    partial.append(bytes(1));
    const taken = partial.take();
    partial.append(bytes(2));
    expect(taken).toEqual(bytes(1));
  });

  it("keeps all up to its limit, and the first 800 bytes and the length beyond it", () => {
    const partial = new PartialLine(2_000);
    partial.append(new Uint8Array(2_000).fill(7));
    expect([partial.length, partial.overflowed]).toEqual([2_000, false]);
    partial.take();
    for (let part = 0; part < 3; part++) partial.append(new Uint8Array(700).fill(part));
    expect([partial.overflowed, partial.total]).toEqual([true, 2_100]);
    expect(partial.take().subarray(0, 800)).toEqual(bytes(...Array(700).fill(0), ...Array(100).fill(1)));
  });
});
