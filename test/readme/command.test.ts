import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { pageWith, schemaOf } from "../../scripts/run-options.mjs";
import { readConfig } from "../../src/cli/options/config-file.ts";
import * as option from "../../src/cli/options/option.ts";
import { runOptionsOf } from "../../src/cli/options/run-options.ts";
import { RUN_TABLE } from "../../src/cli/options/run-table.ts";
import { faultsOf } from "../flow/validate.ts";
import { blocksOf } from "./programs.ts";

const ROOT = join(import.meta.dirname, "../..");
const PAGE = readFileSync(join(ROOT, "docs/command.md"), "utf8");
const SCHEMA = JSON.parse(readFileSync(join(ROOT, "schemas/run.schema.json"), "utf8")) as object;
const TABLES = { RUN_TABLE, flagOf: option.flagOf };

describe("docs/command.md", () => {
  it("has the table that `node scripts/run-options.mjs` writes", () => {
    expect(pageWith(PAGE, TABLES)).toBe(PAGE);
  });

  it("has a config file that the command takes", () => {
    const file = blocksOf(PAGE, "text").find((block) => block.startsWith("{"))!;
    const { pipeline, values } = readConfig(file, "ship.jsonc", RUN_TABLE, { COLLECTOR_TOKEN: "t" });
    expect(pipeline).toBe("/etc/bluesmoke/ship.trickle");
    expect(runOptionsOf(values)).toMatchObject({
      http: { batchSize: 500, headers: { authorization: "Bearer t" } },
    });
  });
});

describe("schemas/run.schema.json", () => {
  it("is what `node scripts/run-options.mjs` writes", () => {
    expect(SCHEMA).toEqual(schemaOf(TABLES));
  });

  it.each([
    { pipeline: "p", in: "a", out: "b" },
    { in: ["a", "b"], port: { audit: "c" }, header: { a: "b" }, batchSize: 5, probe: false },
    { batchSize: `$${"{SIZE}"}`, quiet: `$${"{QUIET}"}`, dashboard: "127.0.0.1:9300" },
  ])("takes what the command takes: %j", (value) => {
    expect(faultsOf(SCHEMA, value)).toEqual([]);
    expect(readConfig(JSON.stringify(value), "f", RUN_TABLE, { SIZE: "5", QUIET: "true" })).toBeDefined();
  });

  it.each([
    { batchsize: 5 },
    { batchSize: 0 },
    { batchSize: "5" },
    { in: [] },
    { port: { a: 1 } },
    { probe: 1 },
    [],
  ])("refuses %j", (value) => {
    expect(faultsOf(SCHEMA, value)).not.toEqual([]);
  });
});
