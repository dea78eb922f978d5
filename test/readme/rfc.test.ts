import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { DEFAULTS } from "../../src/breaker/options/options.ts";
import { Backpressure } from "../../src/flow/operator/backpressure.ts";
import { CircuitBreakerOperator } from "../../src/flow/operator/circuitbreaker.ts";
import { BREAKER_EVENT_SCHEMA, INSIGHT_SCHEMA, SIGNAL_SCHEMA } from "../../src/flow/schema.ts";
import { compile } from "../../src/trickle/index.ts";
import { blocksOf } from "./programs.ts";

const DOCS = join(import.meta.dirname, "../../docs");
const RFC = readFileSync(join(DOCS, "rfc-0005.md"), "utf8");

/** Words in code of the first column of the table in a section, in their order. */
function firstColumn(section: string, header: string): string[] {
  const text = RFC.slice(RFC.indexOf(`### ${section}`));
  const [, , ...rows] = text.slice(text.indexOf(`\n| ${header} |`) + 1).split("\n");
  return rows
    .slice(0, rows.indexOf(""))
    .flatMap((row) => [...(row.split("|")[1] ?? "").matchAll(/`([^`]+)`/g)].map((found) => found[1] ?? ""));
}

const sorted = (words: Iterable<string>): string[] => [...words].sort();

describe("docs/rfc-0005.md", () => {
  it("has pipelines that compile without a warning", () => {
    const pipelines = blocksOf(RFC, "trickle");
    expect(pipelines).toHaveLength(3);
    for (const pipeline of pipelines) expect(compile(pipeline).warnings).toEqual([]);
  });

  it("names every signal, every insight, and every field of insights and breaker events", () => {
    expect(sorted(firstColumn("3.", "signal"))).toEqual(sorted(SIGNAL_SCHEMA.properties.kind.enum));
    expect(sorted(firstColumn("4.", "insight"))).toEqual(sorted(INSIGHT_SCHEMA.properties.kind.enum));
    expect(sorted(firstColumn("4.", "field"))).toEqual(sorted(INSIGHT_SCHEMA.required));
    expect(firstColumn("10.", "field")).toEqual([...BREAKER_EVENT_SCHEMA.required]);
  });

  it("names every cause and kind of breaker events", () => {
    const { kind, cause } = BREAKER_EVENT_SCHEMA.properties;
    for (const word of [...kind.enum, ...cause.enum]) expect(RFC).toContain(`\`${word}\``);
  });

  it("names the ports of the operators and the options of half-open", () => {
    const { INPUTS, OUTPUTS } = CircuitBreakerOperator;
    expect(firstColumn("5.", "port")).toEqual([...INPUTS, ...OUTPUTS]);
    expect(RFC).toContain(`Ports \`${Backpressure.INPUTS}\`; \`${Backpressure.OUTPUTS.join("`, `")}\``);
    expect(firstColumn("6.", "option").filter((name) => name.startsWith("half_open."))).toHaveLength(
      Object.keys(DEFAULTS.halfOpen).length,
    );
  });

  it("points to files that exist", () => {
    const links = [...RFC.matchAll(/\]\(([^)#]+)\)/g)].map((found) => found[1] ?? "");
    const files = links.filter((link) => !link.startsWith("https:"));
    expect(files.length).toBeGreaterThan(4);
    expect(files.filter((file) => !existsSync(join(DOCS, file)))).toEqual([]);
  });
});
