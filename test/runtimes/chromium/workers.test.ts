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

  it("workers of a cross-origin isolated page share a registry with it: all see and hear what one does", async () => {
    const agent = await isolated.page.evaluate<string>("navigator.userAgent");
    expect(agent).toContain("Chrome/");
    expect(await isolated.callBundled("crew.mjs", "openFromWorker")).toEqual({
      told: true,
      heard: ["payments by consecutive_failures"],
      state: "open",
      elsewhere: "open",
      heardElsewhere: ["payments"],
      about: Array(2).fill({ agent, isolated: true, nowMs: expect.any(Number) }),
      isClose: true, // their clocks
    });
  });

  it("what workers count at the same time is all there in the end", async () => {
    expect(await isolated.callBundled("crew.mjs", "countTogether", 2, 2_000)).toBe(4_000);
  });

  it("a worker too many is told so, and takes the place of one that has detached", async () => {
    expect(await isolated.callBundled("crew.mjs", "crowd")).toBe("ERR_NO_STRIPE");
  });

  // A worker that never comes back to its event loop runs on for two seconds after terminate().
  it.each(["terminate", "close"])("the place of a worker that has ended (%s) is taken back", async (how) => {
    expect(await isolated.callBundled("crew.mjs", "endAndReplace", 2, how)).toEqual({
      states: ["open"],
      works: true,
      afterwards: "open",
    });
  });

  it("the place of a worker that lives is left to it", async () => {
    expect(await isolated.callBundled("crew.mjs", "keepAlive", 500)).toEqual({
      codes: ["ERR_NO_STRIPE"],
      state: "open",
    });
  });

  it("on a page without isolation breakers work, and sharing is refused with the headers that it takes", async () => {
    const plain = await visit(chromium, site, "plain");
    expect(await plain.page.evaluate("typeof SharedArrayBuffer + crossOriginIsolated")).toBe(
      "undefinedfalse",
    );
    expect(await plain.callBundled("crew.mjs", "shareInVain")).toEqual({
      state: "open",
      name: "ThreadError",
      code: "ERR_NOT_ISOLATED",
      message: expect.stringMatching(
        /not cross-origin isolated: .*Opener-Policy: same-origin .*Embedder-Policy: require-corp/,
      ),
    });
  });
});
