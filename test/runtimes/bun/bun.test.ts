import { expect, it } from "vitest";
import { type Crew, expectCrew } from "../crew.ts";
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

  it("reports a listener's error as uncaught, and the breaker does its work", async () => {
    const lines = await runScript("bun", "node/uncaught.mjs");
    expect(lines.sort()).toEqual(["open", "uncaught: of the listener"]);
  });

  it("ends by itself while a busy clock, a listener and an iterator are there", async () => {
    expect(await runScript("bun", "node/ends.mjs", { limitMs: 10_000 })).toEqual(["done"]);
  });

  it.each([
    ["the workers of the Web", "webworkers/main.mjs", { isWorker: true }],
    ["the worker threads of Node", "worker_threads/main.mjs", { isMainThread: false }],
  ])("shares one registry between threads, with %s", async (_, script, where) => {
    const crew = await askScript<Crew>("bun", script, { limitMs: 20_000 });
    expect(crew.said.map(([first]) => first)).toEqual([where, where, where]);
    expectCrew(crew);
    expect(crew.hears).toBe("function"); // wakes listeners without a timer: Atomics.waitAsync
  });
});
