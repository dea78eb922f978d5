import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { DETECTORS, HALF_OPEN, RAMP } from "../../src/breaker/options.ts";
import { Backpressure } from "../../src/flow/operators/backpressure.ts";
import { CATALOG } from "../../src/flow/operators/catalog.ts";
import { CircuitBreakerOperator } from "../../src/flow/operators/circuit-breaker.ts";
import { BREAKER_EVENT_SCHEMA, INSIGHT_SCHEMA, SIGNAL_SCHEMA } from "../../src/flow/operators/schema.ts";
import { compile } from "../../src/trickle/index.ts";
import { blocksOf } from "./programs.ts";
import { tableOf } from "./table.ts";

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

/** A name as in trickle. */
const snake = (name: string): string => name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
const inHalfOpen = (name: string): string => `half_open.${snake(name)}`;
const sorted = (words: Iterable<string>): string[] => [...words].sort();

describe("docs/trickle.md", () => {
  it("names every operator with its outputs, and options that it takes", () => {
    const rows = tableOf(readFileSync(join(DOCS, "trickle.md"), "utf8"), "operator");
    const listed = rows.map(([type, outputs]) => [type, outputs!.split(", ")]);
    const aliases = ["passthrough", "generic::backpressure"];
    const known = [...CATALOG.values()].filter(({ type }) => !aliases.includes(type));
    expect(listed).toEqual(known.map(({ type, outputs }) => [type, [...outputs]]));
    const required = { timeout: 100_000_000 };
    const given: Readonly<Record<string, object>> = {
      "qos::backpressure": { ...required, steps: [50], method: "pause" },
      "qos::percentile": { ...required, step_down: 0.05, step_up: 0.001 },
      "qos::roundrobin": { outputs: ["a"] },
      "generic::batch": { ...required, count: 1 },
    };
    for (const [type, , options] of rows) {
      const examples = given[type!] ?? {};
      expect(() => CATALOG.get(type!)!.read({ ...examples }), type).not.toThrow(); // the line above found it
      for (const name of Object.keys(examples)) expect(options).toMatch(new RegExp(`\\b${name}\\b`));
    }
  });
});

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
    const ramp = Object.keys(RAMP).map((name) => `ramp.${name}`);
    const options = firstColumn("6.", "option").filter((name) => name.startsWith("half_open."));
    expect(options).toEqual([...Object.keys(HALF_OPEN), ...ramp].map(inHalfOpen));
    const detectors = firstColumn("8.", "detector, option");
    for (const kind of ["success_rate_over_time_window", "consecutive_failures"] as const) {
      expect(detectors).toEqual(expect.arrayContaining(Object.keys(DETECTORS[kind]).map(snake)));
    }
  });

  it("points to files that exist", () => {
    const links = [...RFC.matchAll(/\]\(([^)#]+)\)/g)].map((found) => found[1] ?? "");
    const files = links.filter((link) => !link.startsWith("https:"));
    expect(files.length).toBeGreaterThan(4);
    expect(files.filter((file) => !existsSync(join(DOCS, file)))).toEqual([]);
  });
});
