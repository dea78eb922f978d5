/**
 * Every pipeline in golden/ and, beside it, exactly what is said about it: the error, or the warnings.
 * `UPDATE_GOLDEN=1 npx vitest run test/trickle/golden.test.ts` writes the texts anew; read the difference before committing.
 */
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { CircuitBreakerRegistry } from "../../src/entry/main.ts";
import { compile } from "../../src/trickle/compile.ts";
import type { Program } from "../../src/trickle/program.ts";
import { isTrickleError } from "../../src/trickle/syntax/diagnostic.ts";

const FOLDER = new URL("golden/", import.meta.url);
const NAMES = readdirSync(FOLDER)
  .filter((file) => file.endsWith(".trickle"))
  .map((file) => file.slice(0, -".trickle".length));

/** Some faults show only when operators are made. */
function deployed(text: string): Program {
  const program = compile(text);
  program.deploy({ registry: new CircuitBreakerRegistry() });
  return program;
}

function said(name: string): string {
  const text = readFileSync(new URL(`${name}.trickle`, FOLDER), "utf8");
  try {
    const { warnings } = deployed(text);
    return warnings.map((warning) => `${warning.format()}\n`).join("");
  } catch (error) {
    if (!isTrickleError(error)) throw error;
    return `${error.format()}\n`;
  }
}

describe("what is said about a pipeline", () => {
  it.each(NAMES)("%s", (name) => {
    const golden = new URL(`${name}.txt`, FOLDER);
    if (process.env.UPDATE_GOLDEN === "1") writeFileSync(golden, said(name));
    expect(said(name)).toBe(readFileSync(golden, "utf8"));
  });

  it("has a pipeline for every text", () => {
    const texts = readdirSync(FOLDER).filter((file) => file.endsWith(".txt"));
    expect(texts.filter((file) => !existsSync(new URL(file.replace(/\.txt$/, ".trickle"), FOLDER)))).toEqual(
      [],
    );
    expect(texts).toHaveLength(NAMES.length);
  });
});
