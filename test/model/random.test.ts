import { describe, expect, it } from "vitest";
import { RandomModel } from "./random.ts";

describe("the model's generator", () => {
  it("gives the published first numbers of splitmix64 for the seed 1234567", () => {
    const random = new RandomModel(1234567n);
    const numbers = Array.from({ length: 5 }, () => random.next());
    expect(numbers).toEqual([
      6457827717110365317n,
      3203168211198807973n,
      9817491932198370423n,
      4593380528125082431n,
      16408922859458223821n,
    ]);
  });

  it("takes the upper 53 bits as a number below 1", () => {
    // The first number of the seed 0 is 0xe220a8397b1dcdaf.
    expect(new RandomModel(0n).unit()).toBe(0x1c4415072f63b9 / 2 ** 53);
  });
});
