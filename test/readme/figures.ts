/** What the tests of docs/numbers.md have in common: its tables, a breaker to run, and how often chance trips one. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "vitest";
import type { CircuitBreakerOptions } from "../../src/breaker/options.ts";
import { CircuitBreakerRegistry } from "../../src/entry/main.ts";
import { tableOf } from "./table.ts";

export const TEXT = readFileSync(join(import.meta.dirname, "../../docs/numbers.md"), "utf8");
export const HEALTH_MS = 60_000;
export const PATIENCE_MS = 120_000;
/** The default, which the page is about. */
export const REQUIRED_RATE = 0.8;

/** The first table whose header begins so, from where the text first has `after`. */
export function tableUnder(first: string, after = ""): string[][] {
  const rows = tableOf(TEXT.slice(TEXT.lastIndexOf("\n\n", TEXT.indexOf(after) - 1) + 1), first);
  expect(rows.length).toBeGreaterThan(2);
  return rows;
}

/** Cells of the first column as numbers, and the others. */
export function rowsOf(first: string, after?: string): (readonly [number, readonly string[]])[] {
  return tableUnder(first, after).map(([head, ...cells]) => [Number(head!.replaceAll(",", "")), cells]);
}

export function breakerOn(options: CircuitBreakerOptions) {
  return new CircuitBreakerRegistry({ clock: () => 0, seed: 1 }).get("endpoint", options);
}

function choose(n: number, k: number): number {
  let ways = 1;
  for (let i = 1; i <= k; i++) ways = (ways * (n - k + i)) / i;
  return ways;
}

/** The probability that so many of n independent calls fail that their rate is below the required one. */
export function tail(n: number, p: number): number {
  let sum = 0;
  for (let k = 0; k <= n; k++) {
    if ((n - k) / n < REQUIRED_RATE) sum += choose(n, k) * p ** k * (1 - p) ** (n - k);
  }
  return sum;
}
