import { describe, expect, it } from "vitest";
import { delayOf, exponentialDelays } from "./backoff.ts";
import { RandomModel } from "./random.ts";

/** The first draw of the seed 0: 0xe220a8397b1dcdaf / 2^64. */
const FIRST_UNIT = 0.8833108082136426;

describe("the model's delays", () => {
  it("grow by the factor and end with the maximum", () => {
    expect(exponentialDelays(1_000, 2, 60_000)).toEqual([1_000, 2_000, 4_000, 8_000, 16_000, 32_000, 60_000]);
  });

  it("end where a power reaches the maximum exactly", () => {
    expect(exponentialDelays(10, 10, 1_000)).toEqual([10, 100, 1_000]);
  });

  it("are 64 at most", () => {
    expect(exponentialDelays(1_000, 1, 60_000)).toEqual(new Array(64).fill(1_000));
  });

  it("repeat the last one on all higher levels", () => {
    const random = new RandomModel(0n);
    const delays = [0, 1, 2, 3].map((level) => delayOf([50, 100], "none", level, 0, random));
    expect(delays).toEqual([50, 100, 100, 100]);
  });
});

describe("the model's jitter", () => {
  it("draws nothing where there is none", () => {
    const random = new RandomModel(0n);
    delayOf([1_000], "none", 0, 0, random);
    expect(random.unit()).toBe(FIRST_UNIT);
  });

  it("keeps half of the delay and scatters the other half", () => {
    expect(delayOf([1_000], "equal", 0, 0, new RandomModel(0n))).toBe(500 + FIRST_UNIT * 500);
  });

  it("scatters the whole delay", () => {
    expect(delayOf([1_000], "full", 0, 0, new RandomModel(0n))).toBe(FIRST_UNIT * 1_000);
  });

  it("draws between the base and three times the delay before, up to the cap", () => {
    const draw = (level: number, previousMs: number) =>
      delayOf([100, 400], "decorrelated", level, previousMs, new RandomModel(0n));
    expect(draw(0, 9_999)).toBe(100 + FIRST_UNIT * 200);
    expect(draw(1, 120)).toBe(100 + FIRST_UNIT * 260);
    expect(draw(2, 399)).toBe(400);
  });
});
