import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { TEXTS } from "../../scripts/option-texts.mjs";
import { namesIn, pageWith, schemaOf } from "../../scripts/options.mjs";
import * as options from "../../src/breaker/options.ts";
import { faultsOf } from "../flow/validate.ts";
import { tableOf } from "./table.ts";

const ROOT = join(import.meta.dirname, "../..");
const PAGE = readFileSync(join(ROOT, "docs/options.md"), "utf8");
const SCHEMA = JSON.parse(readFileSync(join(ROOT, "schemas/options.schema.json"), "utf8")) as object;
const { DEFAULTS, resolveOptions } = options;

describe("the tables of docs/options.md", () => {
  it("are what `node scripts/options.mjs` writes", () => {
    expect(pageWith(PAGE, options)).toBe(PAGE);
  });

  it("have a text for every option, and no other", () => {
    expect(Object.keys(TEXTS).sort()).toEqual(namesIn(options).sort());
  });

  it("show the defaults of a breaker", () => {
    const cells = tableOf(PAGE, "option").map(([name, , value]) => [name!, value!] as const);
    const shown = cells.filter(([name]) => !/ramp|maximumPending|classify|fallback|timeoutMs/.test(name));
    const given: Record<string, unknown> & { halfOpen: Record<string, unknown> } = { halfOpen: {} };
    for (const [name, value] of shown) {
      const target = name.startsWith("halfOpen.") ? given.halfOpen : given;
      target[name.replace("halfOpen.", "")] = JSON.parse(value) as unknown;
    }
    expect(shown).toHaveLength(9);
    expect(resolveOptions(given)).toEqual(DEFAULTS);
  });
});

describe("schemas/options.schema.json", () => {
  it("is what `node scripts/options.mjs` writes", () => {
    expect(SCHEMA).toEqual(schemaOf(options));
  });

  it.each([
    {},
    DEFAULTS,
    { detector: "consecutive_failures", backoff: "steps", timeoutMs: 5 },
    { detector: { minimumCalls: 5 } },
    { detector: ["consecutive_failures", { slowCallMs: 5, maximumSlowRate: 0.5 }] },
    { backoff: [1, 2, 3], halfOpen: { ramp: { shares: [] } }, mode: "shadow", decayMs: 0 },
    resolveOptions({
      detector: ["success_rate_over_count_window", "success_rate_over_time_window", "consecutive_failures"],
      backoff: { kind: "constant" },
      halfOpen: { ramp: {} },
      timeoutMs: 1,
    }),
  ])("takes what the library takes: %j", (value) => {
    expect(faultsOf(SCHEMA, value)).toEqual([]);
    expect(resolveOptions(value)).toBeDefined();
  });

  it.each([
    { detektor: 1 },
    { detector: "success_rate" },
    { detector: [] },
    { detector: ["consecutive_failures", { kind: "consecutive_failures" }] },
    { detector: ["success_rate_over_time_window", { buckets: 3 }] },
    { detector: { maximumSlowRate: 0.5 } },
    { detector: { kind: "consecutive_failures", failures: 2.5 } },
    { detector: { kind: "success_rate_over_count_window", hungAfterMs: 1 } },
    { backoff: { delayMs: 5 } },
    { backoff: { kind: "constant", delayMs: 0 } },
    { backoff: [] },
    { decayMs: "1s" },
    { halfOpen: { probes: 65 } },
    { halfOpen: { ramp: { shares: [1] } } },
    { mode: "off" },
    { timeoutMs: 0 },
    5,
    null,
  ])("refuses what the library refuses: %j", (value) => {
    expect(faultsOf(SCHEMA, value)).not.toEqual([]);
    expect(() => resolveOptions(value)).toThrow();
  });
});
