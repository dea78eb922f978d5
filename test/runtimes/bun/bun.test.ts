import { expect, it } from "vitest";
import { expectConformance, expectTour, type Facts } from "../facts.ts";
import { inRuntime } from "../runtime.ts";
import { askScript, runScript } from "../script.ts";

inRuntime("bun", ({ title, version }) => {
  let facts: Facts;

  it(`is ${title}`, async () => {
    facts = await askScript("bun", "bun/facts.mjs");
    expect(facts.version).toBe(version);
  });

  it("gives the same answers as the model, in every flavour", () => {
    expectConformance(facts.reports, ["release", "js", "shared"]);
  });

  it("does what a user does first", () => {
    expectTour(facts.tour);
  });

  it("ends by itself while a busy clock, a listener and an iterator are there", async () => {
    expect(await runScript("bun", "node/ends.mjs", { limitMs: 10_000 })).toEqual(["done"]);
  });
});
