/** docs/trickle.md says what is true: its pipelines compile, its examples have the values that it gives. */
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { describe, expect, it, vi } from "vitest";
import * as trickle from "../../src/trickle/index.ts";
import { evaluate } from "./expression/evaluate.ts";

const TEXT = readFileSync(new URL("../../docs/trickle.md", import.meta.url), "utf8");

function blocks(kind: string): readonly string[] {
  return Array.from(
    TEXT.matchAll(new RegExp(`^\`\`\`${kind}\\n(.*?)^\`\`\`$`, "gms")),
    (found) => found[1] ?? "",
  );
}

/** Cells of the table whose header starts with `first`, row by row. */
function table(first: string): readonly (readonly string[])[] {
  const [, ...rows] = TEXT.slice(TEXT.indexOf(`\n| ${first} |`) + 1).split("\n");
  const own = rows.slice(1, rows.indexOf(""));
  return own.map((row) =>
    row
      .split("|")
      .slice(1, -1)
      .map((cell) => cell.trim()),
  );
}

function code(cell: string | undefined): string {
  return (cell ?? "").replaceAll("`", "");
}

const EVENT = { n: 7, a: { b: [{ c: true }] }, "two words": 2 };
const META = { error: "late", a: { b: 1 } };

describe("docs/trickle.md", () => {
  it.each(blocks("trickle").map((text) => ({ text })))(
    "has pipelines that compile without a warning: $text",
    ({ text }) => {
      expect(trickle.compile(text).warnings).toEqual([]);
    },
  );

  it("has an operator of a program that does what is printed below it", async () => {
    const [program = ""] = blocks("ts");
    const folder = new URL("../../build/trickle-document/", import.meta.url);
    mkdirSync(folder, { recursive: true });
    writeFileSync(new URL("program.ts", folder), program);
    const log = vi.spyOn(console, "log").mockImplementation(() => {});
    try {
      await import("../../build/trickle-document/program.ts" as string);
      expect(log.mock.calls.map(([line]) => `${line}\n`).join("")).toBe(blocks("text")[0]);
    } finally {
      log.mockRestore();
    }
  });

  it("shows an error as it is", () => {
    const [text = ""] = blocks("trickle wrong");
    const shown = blocks("text").at(-1);
    try {
      trickle.compile(text);
      expect.unreachable();
    } catch (error) {
      expect(trickle.isTrickleError(error) && `${error.format()}\n`).toBe(shown);
    }
  });

  it.each(table("operators").map(([, example, value]) => [code(example), code(value)]))(
    "says what %s is",
    (example, value) => {
      expect(evaluate(example ?? "", EVENT, META)).toEqual(JSON.parse(value ?? ""));
    },
  );

  it("has the operators that there are, each once", () => {
    const listed = table("operators").flatMap(([operators]) => code(operators).split(" "));
    const all = "or xor and not == != < <= > >= + - * / % - present absent".split(" ");
    expect(listed).toEqual(all);
  });

  it("has expressions that can be evaluated", () => {
    const examples = table("expression").flatMap(([cell = ""]) =>
      cell.startsWith("``")
        ? [cell.slice(2, -2).trim()]
        : cell.split(/(?<=`), /).map((example) => example.slice(1, -1)),
    );
    const known = examples.filter((example) => !example.startsWith("args"));
    expect(known.length).toBeGreaterThan(15);
    const event = { ...EVENT, a: { ...EVENT.a, b: [{ c: true }] } };
    for (const example of known) expect(() => evaluate(example, event, META), example).not.toThrow();
  });

  it("lists the limits with their values", () => {
    const listed = table("limit").map(([, value, name]) => [code(name), Number(value?.replaceAll(",", ""))]);
    const limits = Object.entries(trickle).filter(([name]) => name.startsWith("MAXIMUM_"));
    expect(new Map(listed as [string, number][])).toEqual(new Map(limits));
  });
});
