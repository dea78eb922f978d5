import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { read } from "../../conformance/player.mjs";
import { inRuntime } from "../runtime.ts";
import { type Chromium, launchChromium } from "./engine.ts";
import { openSite, type Site } from "./site.ts";
import { type Visit, visit } from "./visit.ts";

const FOLDER = join(import.meta.dirname, "../../conformance");

inRuntime("chromium", () => {
  const { cases } = read(readFileSync(join(FOLDER, "script.json"), "utf8"));
  const steps = cases.reduce((sum, one) => sum + one.steps.length, 0);
  let chromium: Chromium;
  let site: Site;
  let isolated: Visit;
  let strict: Visit;

  beforeAll(async () => {
    [chromium, site] = await Promise.all([launchChromium(), openSite({ conformance: FOLDER })]);
    isolated = await visit(chromium, site, "isolated");
    strict = await visit(chromium, site, "strict", "scripts/bare.html");
  });
  afterAll(() => Promise.all([chromium?.close(), site?.stop()]));

  it("the script is played in Chromium", async () => {
    expect(await isolated.page.evaluate("navigator.userAgent")).toContain("Chrome/");
    expect(steps).toBeGreaterThan(500);
  });

  it.each(["release", "shared", "js"])(
    "a page gives the same answers, bit for bit, with %s",
    async (flavour) => {
      const report = await isolated.callBundled("conformance.mjs", "playHere", flavour);
      expect(report).toEqual({ where: "Window", steps, differences: [] });
    },
  );

  it.each(["release", "shared", "js"])("a worker gives them with %s", async (flavour) => {
    const report = await isolated.callBundled("conformance.mjs", "playInWorker", flavour);
    expect(report).toEqual({ where: "DedicatedWorkerGlobalScope", steps, differences: [] });
  });

  it("a page that refuses WebAssembly gives them with js", async () => {
    const report = await strict.callBundled("conformance.mjs", "playHere", "js");
    expect(report).toEqual({ where: "Window", steps, differences: [] });
  });
});
