import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { CircuitBreakerRegistry } from "../../src/entry/main.ts";
import { compile } from "../../src/trickle/index.ts";
import { walOperator } from "../../src/wal/index.ts";
import { blocksOf } from "./programs.ts";
import { tableOf } from "./table.ts";

const TEXT = readFileSync(join(import.meta.dirname, "../../docs/wal.md"), "utf8");
const NS_PER_MS = 1_000_000;

/** Cells of the rows of the table of options, by option. */
const ROWS = new Map(
  tableOf(TEXT, "option").map(([option = "", range = "", value = ""]) => [option, { range, value }]),
);

describe("docs/wal.md", () => {
  it("shows a pipeline that can be deployed", () => {
    const blocks = blocksOf(TEXT, "trickle");
    expect(blocks).toHaveLength(1);
    const { deploy, warnings } = compile(blocks[0] ?? "", { operators: [walOperator()] });
    expect(warnings.map(({ message }) => message)).toEqual([expect.stringContaining("overflow")]);
    expect(typeof deploy).toBe("function");
    compile(blocks[0] ?? "", { operators: [walOperator()] }).deploy({
      registry: new CircuitBreakerRegistry(),
    });
  });

  it("has all options, and no others", () => {
    const { read } = walOperator();
    let known = "";
    try {
      read({ nothing: 1 });
    } catch (error) {
      known = String(error);
    }
    const [, names = ""] = /expected one of ([\w, ]+)/.exec(known) ?? [];
    expect([...ROWS.keys()].sort()).toEqual(names.split(", ").sort());
  });

  it("says the defaults", () => {
    const settings = walOperator().read({ dir: "queue" });
    const value = (option: string) => ROWS.get(option)?.value;
    expect(value("read_count")).toBe(String(settings.readCount));
    expect(value("sync")).toBe(settings.sync);
    expect(value("segment_bytes")).toBe(String(settings.segmentBytes));
    expect([value("sync_interval"), settings.syncIntervalMs]).toEqual(["1 s", 1_000]);
    expect([value("drain_timeout"), settings.drainMs]).toEqual(["10 s", 10_000]);
  });

  it("says the ranges", () => {
    const { read } = walOperator();
    const day = 86_400_000 * NS_PER_MS;
    const ends: Record<string, readonly [number, number]> = {
      read_count: [1, 1_000_000],
      max_elements: [1, Number.MAX_SAFE_INTEGER],
      max_bytes: [65_536, Number.MAX_SAFE_INTEGER],
      max_age: [NS_PER_MS, 36_500 * day],
      sync_interval: [NS_PER_MS, 3_600_000 * NS_PER_MS],
      segment_bytes: [65_536, 1_073_741_824],
      drain_timeout: [0, day],
    };
    for (const [option, [least, most]] of Object.entries(ends)) {
      for (const value of [least, most]) expect(() => read({ dir: "q", [option]: value })).not.toThrow();
      expect(() => read({ dir: "q", [option]: least - 1 }), option).toThrow(option);
      expect(() => read({ dir: "q", [option]: most * 1.01 }), option).toThrow(option);
      if (/^\d+ to \d+$/.test(ROWS.get(option)?.range ?? ""))
        expect(ROWS.get(option)?.range).toBe(`${least} to ${most}`);
    }
  });
});
