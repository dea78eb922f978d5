import { describe, expect, it } from "vitest";
import { coarseClock } from "../../bench/byhand/clock.ts";

describe("the clock by hand", () => {
  it("never goes back, and is behind by a few milliseconds at most", () => {
    const clock = coarseClock();
    const readings = Array.from({ length: 100_000 }, clock);
    const behindMs = performance.now() - readings.at(-1)!; // there are many
    expect(readings.filter((now, number) => number > 0 && now < readings[number - 1]!)).toEqual([]);
    expect(behindMs).toBeLessThan(50);
  });

  it("returns one reading several times while it is read often", () => {
    const clock = coarseClock();
    const readings = Array.from({ length: 1_000 }, clock);
    expect(new Set(readings).size).toBeLessThan(200);
  });

  it("reads the time after a pause", async () => {
    const clock = coarseClock();
    for (let reading = 0; reading < 20; reading++) clock();
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(performance.now() - clock()).toBeLessThan(5);
  });
});
