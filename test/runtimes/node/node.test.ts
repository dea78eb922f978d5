import { afterAll, beforeAll, expect, it } from "vitest";
import { type Origin, startOrigin } from "../../http/origin.ts";
import { expectAll, expectConformance, type Facts, REQUESTS, type Results } from "../facts.ts";
import { inRuntime } from "../runtime.ts";
import { askScript, runScript } from "../script.ts";

/** What undici 8 needs is not in Node 20. */
const UNDICI = { node: ["undici"], node22: ["undici", "undici8"], node24: ["undici", "undici8"] } as const;
/** Of `circuitBreaker`: twice all requests of http.mjs, and those that `request` of undici makes. */
const BY_DISPATCHER = 2 * REQUESTS + 12;

const MAJORS = { node: process.versions.node.split(".")[0], node22: "22", node24: "24" } as const;

for (const name of ["node", "node22", "node24"] as const) {
  inRuntime(name, ({ version }) => {
    let facts: Facts;
    let origin: Origin;

    beforeAll(async () => {
      origin = await startOrigin();
    });
    afterAll(() => origin.stop());

    it(`is Node ${MAJORS[name]}`, async () => {
      facts = await askScript(name, "node/facts.mjs");
      expect(facts.version).toBe(version);
      expect(version?.split(".")[0]).toBe(MAJORS[name]);
    });

    it("gives the same answers as the model, in every flavour", () => {
      expectConformance(facts.reports, ["release", "js", "shared"]);
    });

    it("passes the scenarios", () => {
      expectAll(facts.scenarios);
    });

    it("serves the dashboard", async () => {
      expectAll(await askScript<Results>(name, "node/dashboard.mjs"), 5);
    });

    it("gives the same library to `require` and to `import`, without a warning", async () => {
      const report = await askScript(name, "node/commonjs.cjs");
      expect(report).toEqual({ isSame: true, empty: [], state: "open", warnings: [] });
    });

    it("reports a listener's error as a warning, or to onError; the breaker has done its work", async () => {
      const lines = await runScript(name, "node/listener.mjs");
      expect(lines).toEqual(["open", "onError: of the listener", "warning: of the listener"]);
    });

    it("ends by itself while clocks, listeners, tickets and an iterator are there", async () => {
      expect(await runScript(name, "node/exit.mjs", { limitMs: 10_000 })).toEqual(["done"]);
    });

    it("lives until the timeout of a call that hangs", async () => {
      expect(await runScript(name, "node/late.mjs")).toEqual(["ERR_CALL_TIMEOUT"]);
    });

    it("collects the garbage of breakers, and nothing that is in use", async () => {
      expectAll(await askScript<Results>(name, "node/memory.mjs", { flags: ["--expose-gc"] }), 6);
    });

    it("guards its fetch by guardFetch", async () => {
      const options = { variables: { ORIGIN: origin.url }, flags: ["--expose-gc"] };
      expectAll(await askScript<Results>(name, "fetch.mjs", options), REQUESTS);
    });

    it.each(UNDICI[name])("guards its fetch, and what %s has, by circuitBreaker", async (undici) => {
      const variables = { ORIGIN: origin.url, UNDICI: undici };
      expectAll(await askScript<Results>(name, "node/undici.mjs", { variables }), BY_DISPATCHER);
    });
  });
}
