import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { expectAll, expectConformance, type Facts } from "../facts.ts";
import { inRuntime } from "../runtime.ts";
import { type Chromium, launchChromium } from "./engine.ts";
import { openSite, type Site } from "./site.ts";
import { visit } from "./visit.ts";

const CONFORMANCE = join(import.meta.dirname, "../../conformance");

const PLACES = [
  ["on an isolated page", "isolated", "factsHere", "Window", ["release", "js", "shared"]],
  [
    "in a worker of it",
    "isolated",
    "factsOfWorker",
    "DedicatedWorkerGlobalScope",
    ["release", "js", "shared"],
  ],
  ["on a page that refuses WebAssembly", "strict", "factsWithoutWasm", "Window", ["js"]],
] as const;

interface PageFacts extends Pick<Facts, "reports" | "scenarios"> {
  readonly where: { readonly scope: string; readonly agent: string; readonly isolated: boolean };
}

inRuntime("chromium", ({ version }) => {
  let chromium: Chromium;
  let site: Site;

  beforeAll(async () => {
    [chromium, site] = await Promise.all([launchChromium(), openSite({ conformance: CONFORMANCE })]);
  });
  afterAll(() => Promise.all([chromium?.close(), site?.stop()]));

  describe.each(PLACES)("%s", (_, kind, task, scope, flavours) => {
    let facts: PageFacts;

    it("this is Chromium", async () => {
      const visitor = await visit(chromium, site, kind, "scripts/bare.html");
      facts = await visitor.callBundled("facts.mjs", task);
      expect(facts.where).toMatchObject({ scope, isolated: kind === "isolated" });
      expect(facts.where.agent).toContain(`Chrome/${version?.split(".")[0]}.`);
    });

    it("the library gives the same answers as the model, in every flavour", () => {
      expectConformance(facts.reports, flavours);
    });

    it("it passes the scenarios", () => {
      expectAll(facts.scenarios);
    });
  });
});
