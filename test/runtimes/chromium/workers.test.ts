import { afterAll, beforeAll, expect, it } from "vitest";
import { inRuntime } from "../runtime.ts";
import { type Chromium, launchChromium } from "./engine.ts";
import { openSite, type Site } from "./site.ts";
import { type Visit, visit } from "./visit.ts";

inRuntime("chromium", () => {
  let chromium: Chromium;
  let site: Site;
  let isolated: Visit;

  beforeAll(async () => {
    [chromium, site] = await Promise.all([launchChromium(), openSite()]);
    isolated = await visit(chromium, site, "isolated");
  });
  afterAll(() => Promise.all([chromium?.close(), site?.stop()]));

  it("workers of a cross-origin isolated page share a registry with it: each gets the events of the others", async () => {
    const agent = await isolated.page.evaluate<string>("navigator.userAgent");
    expect(agent).toContain("Chrome/");
    expect(await isolated.callBundled("threads.mjs", "openFromWorker")).toEqual({
      arrived: true,
      opened: ["payments by consecutive_failures"],
      state: "open",
      stateElsewhere: "open",
      openedElsewhere: ["payments"],
      about: Array(2).fill({ agent, isolated: true, nowMs: expect.any(Number) }),
      isClose: true, // their clocks
    });
  });

  it("what workers count at the same time is all there in the end", async () => {
    expect(await isolated.callBundled("threads.mjs", "countTogether", 2, 2_000)).toBe(4_000);
  });

  it("a call that hangs in a worker times out", async () => {
    expect(await isolated.callBundled("threads.mjs", "timeOutInWorker")).toEqual({
      ends: ["ERR_CALL_TIMEOUT", "ERR_CALL_TIMEOUT", "answered"],
      consecutiveFailures: 2,
    });
  });

  it("one worker too many gets an error, and the stripe of one that has detached", async () => {
    expect(await isolated.callBundled("threads.mjs", "exceedThreads")).toBe("ERR_NO_STRIPE");
  });

  // A worker that never comes back to its event loop runs on for two seconds after terminate().
  it.each(["terminate", "close"])("the stripe of a worker that has ended (%s) is free again", async (how) => {
    expect(await isolated.callBundled("threads.mjs", "endAndReplace", 2, how)).toEqual({
      states: ["open"],
      works: true,
      afterwards: "open",
    });
  });

  it("a worker that is alive keeps its stripe", async () => {
    expect(await isolated.callBundled("threads.mjs", "keepAlive", 500)).toEqual({
      codes: ["ERR_NO_STRIPE"],
      state: "open",
      reclaimed: 0,
    });
  });

  it("on a page without isolation breakers work, and sharing is refused with an error that names the headers", async () => {
    const plain = await visit(chromium, site, "plain");
    expect(await plain.page.evaluate("typeof SharedArrayBuffer + crossOriginIsolated")).toBe(
      "undefinedfalse",
    );
    expect(await plain.callBundled("threads.mjs", "shareInVain")).toEqual({
      state: "open",
      name: "ThreadError",
      code: "ERR_NOT_ISOLATED",
      message: expect.stringMatching(
        /not cross-origin isolated: .*Opener-Policy: same-origin .*Embedder-Policy: require-corp/,
      ),
    });
  });
});
