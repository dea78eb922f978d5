import { afterAll, beforeAll, expect, it } from "vitest";
import { startOrigin } from "../../http/origin.ts";
import { expectAll, REQUESTS, type Results } from "../facts.ts";
import { inRuntime } from "../runtime.ts";
import { type Chromium, launchChromium } from "./engine.ts";
import { openSite, type Site } from "./site.ts";
import { type Visit, visit } from "./visit.ts";

inRuntime("chromium", ({ version }) => {
  let chromium: Chromium;
  let site: Site;
  let visitor: Visit;

  beforeAll(async () => {
    [chromium, site] = await Promise.all([launchChromium(), openSite()]);
    visitor = await visit(chromium, site, "plain");
  });
  afterAll(() => Promise.all([chromium?.close(), site?.stop()]));

  /** A page with the timers of a hidden one: headless pages are always shown. */
  async function visitHidden(): Promise<Visit> {
    const hidden = await visit(chromium, site, "plain");
    await hidden.page.evaluate(`{
      Object.defineProperty(document, "visibilityState", { configurable: true, get: () => "hidden" });
      const start = setTimeout;
      const aligned = (delayMs) => Math.ceil((performance.now() + delayMs) / 1_000) * 1_000 - performance.now();
      globalThis.setTimeout = (run, delayMs = 0, ...rest) => start(run, aligned(delayMs), ...rest);
    }`);
    return hidden;
  }

  it("is Chromium, and a page in it", async () => {
    const agent = await visitor.page.evaluate<string>("navigator.userAgent");
    expect(agent).toContain(`Chrome/${version?.split(".")[0]}.`);
    expect(await visitor.page.evaluate("typeof window + typeof process")).toBe("objectundefined");
  });

  it("importing the package compiles nothing, starts no timer and draws no random number", async () => {
    const fresh = await visit(chromium, site, "plain");
    await fresh.page.evaluate(`{
      globalThis.done = [];
      for (const [object, name] of [[WebAssembly, "Module"], [globalThis, "setTimeout"], [Math, "random"]]) {
        const note = (how) => (...values) => done.push(name) && Reflect[how](...values);
        object[name] = new Proxy(object[name], { apply: note("apply"), construct: note("construct") });
      }
    }`);
    const done = await fresh.page.evaluate(
      `Promise.all(["", "/auto", "/embed", "/flow", "/js", "/threads"].map((entry) => import("bluesmoke" + entry)))
        .then(([{ CircuitBreaker }]) => [done.slice(), new CircuitBreaker("a") && done.slice()])`,
    );
    const first = ["random", "Module"]; // which proves that they would have been seen
    expect(done).toEqual([[], first]);
    await fresh.page.close();
  });

  it("a breaker opens, refuses, probes and closes on the clock of the page", async () => {
    expect(await visitor.call("main.mjs", "openAndClose")).toEqual({
      kinds: ["opened", "half_opened", "closed"],
      refusal: { code: "ERR_CIRCUIT_OPEN", comesSoon: true },
      answer: "up again",
      state: "closed",
    });
  });

  it("a fetch ends by its answer, by its timeout, or by its caller, which is neutral", async () => {
    const ends = await visitor.call(
      "main.mjs",
      "fetchEnds",
      site.url("plain", "slow/1"),
      site.url("plain", "slow/60000"),
    );
    expect(ends).toEqual({
      answered: "at last",
      timedOut: true,
      gone: "no longer wanted",
      calls: 0, // this detector has no window
      failures: 0,
      consecutiveFailures: 1,
    });
  });

  it("a fetch is guarded by guardFetch", async () => {
    const origin = await startOrigin();
    try {
      expectAll(await visitor.callBundled<Results>("requests.mjs", "requests", origin.url), REQUESTS);
    } finally {
      await origin.stop();
    }
  });

  it("memory grows under views and batches", async () => {
    const count = 20_000;
    expect(await visitor.call("main.mjs", "fill", count)).toEqual({ size: count, admitted: count, last: 1 });
  });

  it("an error of a listener is a line on the console, and stops no other listener", async () => {
    const lines: string[] = [];
    visitor.page.on("console", (line) => lines.push(`${line.type()}: ${line.text()}`));
    const outcome = await visitor.call("main.mjs", "throwInListener");
    expect(outcome).toEqual({ causes: ["mode"], state: "open" });
    await expect.poll(() => lines).toEqual([expect.stringMatching(/^error: Error: a listener's own fault/)]);
    expect(visitor.uncaught).toEqual([]);
  });

  it("the default clock is exact, however often it is read", async () => {
    expect(await visitor.call("main.mjs", "lagOfClock", 50)).toEqual({ lagMs: 0, wentBack: false });
  });

  it("a stall of the page's own loop makes no call late or slow", { retry: 3 }, async () => {
    const answers = Array(5).fill("at last");
    const stalled = await visitor.call("main.mjs", "stall", site.url("plain", "slow/5"), 150);
    expect(stalled).toEqual({ answers, failures: 0, slow: 0 });
  });

  it("a slow call is slow also on a hidden page, whose timers are late", async () => {
    const hidden = await visitHidden();
    expect(await hidden.call("main.mjs", "callHidden", 300, 100)).toBe(1);
    expect(await hidden.call("main.mjs", "callHidden", 10, 200)).toBe(0);
    await hidden.page.close();
  });

  it("a call that hangs on a hidden page times out at the first timer after its timeout", async () => {
    const hidden = await visitHidden();
    const hang = (timeoutMs: number) =>
      hidden.call<{ tookMs: number; timers: number }>("main.mjs", "hangHidden", timeoutMs);
    expect((await hang(100)).tookMs).toBeLessThan(1_500);
    const { tookMs, timers } = await hang(1_100);
    expect(tookMs).toBeGreaterThanOrEqual(1_099);
    expect(tookMs).toBeLessThan(2_500);
    expect(timers).toBe(1); // browsers delay a chain of them by up to a minute
    await hidden.page.close();
  });
});
