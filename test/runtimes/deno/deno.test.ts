import { afterAll, beforeAll, expect, it } from "vitest";
import { type Origin, startOrigin } from "../../http/origin.ts";
import { expectAll, expectConformance, type Facts, REQUESTS, type Results } from "../facts.ts";
import { inRuntime } from "../runtime.ts";
import { askScript, runScript } from "../script.ts";
import { expectSharing, type ThreadsReport } from "../threads.ts";

inRuntime("deno", ({ title, version }) => {
  let facts: Facts;
  let origin: Origin;

  beforeAll(async () => {
    origin = await startOrigin();
  });
  afterAll(() => origin.stop());

  it(`is ${title}`, async () => {
    facts = await askScript("deno", "deno/facts.mjs", { flags: ["--allow-read"] });
    expect(facts.version).toBe(version);
  });

  it("gives the same answers as the model, in every flavour", () => {
    expectConformance(facts.reports, ["release", "js", "shared"]);
  });

  it("passes the scenarios", () => {
    expectAll(facts.scenarios);
  });

  it("serves the dashboard", async () => {
    expectAll(await askScript<Results>("deno", "deno/dashboard.mjs", { flags: ["--allow-net"] }), 5);
  });

  it("reports a listener's error as a warning, or to onError; the breaker has done its work", async () => {
    const lines = await runScript("deno", "node/listener.mjs");
    expect(lines.sort()).toEqual(["onError: of the listener", "open", "warning: of the listener"]);
  });

  it("ends by itself while clocks, listeners, tickets and an iterator are there", async () => {
    expect(await runScript("deno", "node/exit.mjs", { limitMs: 10_000 })).toEqual(["done"]);
  });

  it("lives until the timeout of a call that hangs", async () => {
    expect(await runScript("deno", "node/late.mjs")).toEqual(["ERR_CALL_TIMEOUT"]);
  });

  it("collects the garbage of breakers, and nothing that is in use", async () => {
    expectAll(await askScript<Results>("deno", "node/memory.mjs", { flags: ["--v8-flags=--expose-gc"] }), 6);
  });

  it("guards its fetch by guardFetch", async () => {
    const options = {
      variables: { ORIGIN: origin.url },
      flags: ["--allow-net", "--allow-env", "--v8-flags=--expose-gc"],
    };
    expectAll(await askScript<Results>("deno", "fetch.mjs", options), REQUESTS);
  });

  it.each([
    ["the workers of the Web", "webworkers/main.mjs", { isWorker: true }],
    ["the worker threads of Node", "worker_threads/main.mjs", { isMainThread: false }],
  ])("shares one registry between threads, with %s", async (_, script, where) => {
    const report = await askScript<ThreadsReport>("deno", script, {
      limitMs: 20_000,
      flags: ["--allow-read"],
    });
    expect(report.messages.map(([first]) => first)).toEqual(Array(3).fill(where));
    expectSharing(report);
    expect(report.waitAsync).toBe("function"); // wakes listeners without a timer: Atomics.waitAsync
  });
});
