import { readFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { pageOf, type Weights, weighAll } from "../../scripts/weight.mjs";
import { ROOT } from "./packed.ts";

/** Bytes, or a share of the whole: gzip of another Node gives a little more or less. */
const TOLERANCE = { bytes: 40, share: 0.01 };

/** Rows of the tables of a page: the first cell, and the numbers behind it. */
function rowsOf(page: string): Map<string, number[]> {
  const rows = [...page.matchAll(/^\| (.+?) \| ([\d,| -]+) \|$/gm)];
  return new Map(
    rows.map(([, name, cells]) => [
      name!,
      cells!.split("|").map((cell) => Number(cell.trim().replaceAll(",", ""))),
    ]),
  );
}

describe("docs/weight.md", () => {
  let weights: Weights;

  beforeAll(async () => {
    weights = await weighAll();
  }, 60_000);

  it("keeps every program within its budget", () => {
    for (const { title, bytes, budget } of weights.budgets) {
      expect(bytes, title).toBeLessThanOrEqual(budget);
    }
  });

  it("says what the build weighs; npm run weight writes it anew", () => {
    const written = rowsOf(readFileSync(join(ROOT, "docs/weight.md"), "utf8"));
    const measured = rowsOf(pageOf(weights));
    expect([...written.keys()]).toEqual([...measured.keys()]);
    expect(written.size).toBeGreaterThan(10);
    for (const [name, numbers] of measured) {
      numbers.forEach((bytes, at) => {
        const allowed = Math.max(TOLERANCE.bytes, bytes * TOLERANCE.share);
        expect(Math.abs(bytes - written.get(name)![at]!), `${name}: ${bytes} bytes`).toBeLessThan(allowed);
      });
    }
  });
});
