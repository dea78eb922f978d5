import { expect, it } from "vitest";
import { expectConformance, expectTour, type Facts } from "../facts.ts";
import { inRuntime } from "../runtime.ts";
import { askScript, runScript } from "../script.ts";

const MAJORS = { node: process.versions.node.split(".")[0], node22: "22", node24: "24" } as const;

for (const name of ["node", "node22", "node24"] as const) {
  inRuntime(name, ({ version }) => {
    let facts: Facts;

    it(`is Node ${MAJORS[name]}`, async () => {
      facts = await askScript(name, "node/facts.mjs");
      expect(facts.version).toBe(version);
      expect(version?.split(".")[0]).toBe(MAJORS[name]);
    });

    it("gives the same answers as the model, in every flavour", () => {
      expectConformance(facts.reports, ["release", "js", "shared"]);
    });

    it("does what a user does first", () => {
      expectTour(facts.tour);
    });

    it("gives the same library to `require` and to `import`, without a warning", async () => {
      const { same, state, warnings } = await askScript<Record<string, unknown>>(name, "node/commonjs.cjs");
      expect({ same, state, warnings }).toEqual({ same: true, state: "open", warnings: [] });
    });

    it("reports a listener's error as uncaught, after the breaker has done its work", async () => {
      expect(await runScript(name, "node/uncaught.mjs")).toEqual(["open", "uncaught: of the listener"]);
    });

    it("ends by itself while a busy clock, a listener and an iterator are there", async () => {
      expect(await runScript(name, "node/ends.mjs", { limitMs: 10_000 })).toEqual(["done"]);
    });
  });
}
