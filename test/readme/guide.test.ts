import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it, vi } from "vitest";
import { CircuitBreakerRegistry, createBatch, reportBatch, SUCCESS } from "../../src/entry/main.ts";
import { blocksOf, compileAll } from "./programs.ts";

const GUIDE = readFileSync(join(import.meta.dirname, "../../docs/guide.md"), "utf8");

describe("the guide", () => {
  it("has programs that compile and run", async () => {
    const programs = blocksOf(GUIDE, "ts");
    expect(programs.length).toBeGreaterThan(3);
    const files = compileAll("guide", programs);
    const log = vi.spyOn(console, "log").mockImplementation(() => {});
    for (const file of files) await import(/* @vite-ignore */ file);
    expect(log.mock.calls).toEqual([
      ["open for", 30_000],
      ["open", "consecutive_failures", "EHOSTUNREACH"],
      ["hung_calls", 20],
      ["stock", "passes a share of", expect.closeTo(0.4545, 4)],
      ["mode", Number.POSITIVE_INFINITY],
      ["mail"],
      ["opened:", "mail"],
      ["mail", "success", true, undefined],
      [1, true],
      ["rates", "closed", 1, 1, undefined],
      [expect.stringMatching(/^open since [\d-: ]{8,19}: it was tripped; next probe in [\d.]+ m?s$/)],
      ["b", "open"],
      [1, 1, 1],
    ]);
  });

  it("is right that an id is lost which is written into a column taken before its breaker was made", () => {
    const registry = new CircuitBreakerRegistry();
    const names = Array.from({ length: 2_000 }, (_, n) => `host-${n}`);
    const batch = createBatch(registry, names.length);
    for (const [index, name] of names.entries()) batch.breakers[index] = registry.get(name).id;
    const lost = names.filter((name, index) => batch.breakers[index] !== registry.get(name).id);
    expect(lost.length).toBeGreaterThan(0);
    expect(lost.map((name) => batch.breakers[names.indexOf(name)])).toEqual(lost.map(() => 0));
    batch.outcomes.fill(SUCCESS);
    expect(() => reportBatch(batch, names.length)).toThrow(RangeError);
  });
});
