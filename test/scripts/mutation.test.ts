import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { Copy } from "../../scripts/mutation/trial.mjs";

const ROOT = join(import.meta.dirname, "../..");
const FILE = "assembly/backoff.ts";
const OPTIONS = { steps: 2_000, seed: 1 };
const PATIENCE_MS = 60_000;

/** What refutes a change of the file, in which `from` stands once. */
async function verdictOf(copy: Copy, from: string, to: string): Promise<string> {
  const source = readFileSync(join(ROOT, FILE), "utf8");
  const start = source.indexOf(from);
  expect(source.split(from)).toHaveLength(2);
  return copy.tryQuickly({ file: FILE, start, end: start + from.length, text: to }, source, OPTIONS);
}

let copy: Copy;

beforeAll(() => {
  copy = new Copy(ROOT);
}, PATIENCE_MS);

afterAll(() => copy.remove());

it(
  "plays the core against the model without a difference where nothing is changed",
  async () => {
    expect(await verdictOf(copy, "return part;", "return part;")).toBe("survived");
  },
  PATIENCE_MS,
);

it(
  "refutes a mutant by random cases alone",
  async () => {
    expect(await verdictOf(copy, "(delay + part) / 2", "(delay + part) / 3")).toBe("quick");
  },
  PATIENCE_MS,
);

it(
  "counts a mutant that does not compile by itself",
  async () => {
    expect(await verdictOf(copy, "return part;", "return parts;")).toBe("compile");
  },
  PATIENCE_MS,
);
