import { describe, expect, it } from "vitest";
import { hashOf } from "../../src/threads/hash.ts";

describe("the hash of names", () => {
  it("spreads a million names over all 32 bits: no more collisions than by chance", () => {
    const hashes = new Uint32Array(1_000_000);
    for (let n = 0; n < hashes.length; n++) hashes[n] = hashOf(`endpoint-${n}`, 0x1234, 0x5678);
    hashes.sort();
    let collisions = 0;
    for (let n = 1; n < hashes.length; n++) if (hashes[n] === hashes[n - 1]) collisions++;
    // Expected: n² / 2^33 = 116, with a standard deviation of 11.
    expect(collisions).toBeGreaterThan(60);
    expect(collisions).toBeLessThan(175);
  });

  it("fills 64 slots evenly by its low bits and by the bits of the tag", () => {
    for (const shift of [0, 26]) {
      const counts = new Array<number>(64).fill(0);
      for (let n = 0; n < 64_000; n++) counts[(hashOf(`https://host-${n}/`, 3, 4) >>> shift) & 63]!++;
      const squares = counts.reduce((sum, count) => sum + (count - 1_000) ** 2 / 1_000, 0);
      expect(squares).toBeLessThan(120); // chi-squared with 63 degrees: 120 is one in 100,000
    }
  });

  it("depends on the key", () => {
    const hashes = new Set(Array.from({ length: 1_000 }, (_, key) => hashOf("a", key, key + 1)));
    expect(hashes.size).toBe(1_000);
  });
});
