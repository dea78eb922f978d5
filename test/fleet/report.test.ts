import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { bytesOf, textOf } from "../../src/fleet/base64.ts";
import { decodeReport, encodeReport, hashOf } from "../../src/fleet/report.ts";

const ENTRIES = new Map([
  [hashOf("a"), { calls: 7, failures: 3 }],
  [hashOf("b"), { calls: 0xffff_ffff, failures: 0 }],
]);

describe("a report", () => {
  it("comes out as it went in, with 16 bytes for an endpoint", () => {
    const bytes = encodeReport({ sequence: 4_000_000_000, counts: ENTRIES });
    expect(bytes).toHaveLength(8 + 2 * 16);
    expect(decodeReport(bytes)).toEqual({ sequence: 4_000_000_000, counts: ENTRIES });
    expect(decodeReport(bytesOf(textOf(bytes)))).toEqual({ sequence: 4_000_000_000, counts: ENTRIES });
  });

  it("saturates at counts of 32 bits", () => {
    const bytes = encodeReport({ sequence: 0, counts: new Map([[1, { calls: 1e12, failures: 1e11 }]]) });
    const { calls, failures } = decodeReport(bytes)!.counts.get(1)!;
    expect(failures).toBeLessThanOrEqual(calls);
  });

  it("is refused with more failures than calls, a hash that is no whole number, or bytes cut off", () => {
    const good = encodeReport({ sequence: 1, counts: ENTRIES });
    const change = (at: number, value: number) => {
      const bytes = good.slice();
      new DataView(bytes.buffer).setFloat64(at, value);
      return bytes;
    };
    const moreFailures = good.slice();
    new DataView(moreFailures.buffer).setUint32(8 + 12, 8);
    const bad = [
      moreFailures,
      change(8, Number.NaN),
      change(8, -1),
      change(8, 0.5),
      good.subarray(0, 20),
      good.subarray(1),
      new Uint8Array(),
      new Uint8Array(8 + 16 * 65_537),
      "text" as unknown as Uint8Array,
      undefined as unknown as Uint8Array,
    ];
    for (const bytes of bad) expect(decodeReport(bytes)).toBeUndefined();
  });

  it("never throws, and never yields a count that makes no sense, whatever the bytes", () => {
    const forged = encodeReport({ sequence: 1, counts: ENTRIES });
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.nat(forged.length - 1), fc.nat(255)), { maxLength: 6 }),
        fc.nat(forged.length),
        (changes, length) => {
          const bytes = forged.slice(0, length);
          for (const [at, value] of changes) bytes[at] = value;
          for (const { calls, failures } of decodeReport(bytes)?.counts.values() ?? []) {
            expect(failures).toBeLessThanOrEqual(calls);
            expect(calls).toBeLessThan(2 ** 32);
          }
        },
      ),
    );
  });
});

describe("the hash of an endpoint", () => {
  it("is a whole number below 2^53, and differs for 100,000 names that are alike", () => {
    const hashes = new Set<number>();
    for (let n = 0; n < 100_000; n++) hashes.add(hashOf(`https://host-${n}.example:443`));
    expect(hashes.size).toBe(100_000);
    expect([...hashes].every(Number.isSafeInteger)).toBe(true);
  });

  it("is the same on all machines and in all versions", () => {
    expect([hashOf(""), hashOf("payments"), hashOf("ü")]).toMatchInlineSnapshot(`
      [
        3982766906168600,
        7012512679042358,
        1565920191284061,
      ]
    `);
  });
});
