import { describe, expect, it } from "vitest";
import { nearest } from "../../../src/cli/options/nearest.ts";

describe("the nearest name", () => {
  const names = ["batchSize", "linger", "in", "inFlight", "out"];

  it.each([
    ["batchsize", "batchSize"],
    ["batch-size", "batchSize"],
    ["batch_sise", "batchSize"],
    ["lnger", "linger"],
    ["ligner", "linger"],
    ["inflght", "inFlight"],
    ["oot", "out"],
  ])("to %s is %s", (name, expected) => {
    expect(nearest(name, names)).toBe(expected);
  });

  it.each(["x", "", "colour", "inn_er_loop"])("to %j is none", (name) => {
    expect(nearest(name, names)).toBeUndefined();
  });
});
