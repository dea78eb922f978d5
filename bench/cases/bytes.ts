/** Sizes of delivered files, in bytes. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { gzipSync } from "node:zlib";
import { ROOT } from "../root.ts";

/** A build of the core. */
export function bytesOf(file: string): number {
  return readFileSync(join(ROOT, "build", file)).length;
}

/** The same, compressed with gzip -9. */
export function compressed(file: string): number {
  return gzipSync(readFileSync(join(ROOT, "build", file)), { level: 9 }).length;
}

/** A program whose weight scripts/weight.mjs measures. */
interface Weight {
  readonly bytes: number;
}

/** The used part of scripts/weight.mjs: it is no part of the compiled benchmark, since it reads the built package. */
interface Weights {
  weighBudgets(): Promise<readonly Weight[]>;
  weighEntries(): Promise<readonly { readonly name: string; readonly alone: number }[]>;
}

/** `CircuitBreaker` and `CircuitBreakerRegistry`, minified and compressed, with the Wasm inside or beside it. */
export async function weightOfLibrary(wasm: "inlined" | "asset"): Promise<number> {
  const [inlined, asset] = await (await loadWeights()).weighBudgets();
  return (wasm === "inlined" ? inlined : asset)!.bytes; // both are in the list
}

/** Everything that an entry exports, minified and compressed. */
export async function weightOfEntry(name: string): Promise<number> {
  const entries = await (await loadWeights()).weighEntries();
  return entries.find((entry) => entry.name === name)!.alone; // a test of the entries has it
}

async function loadWeights(): Promise<Weights> {
  return (await import(pathToFileURL(join(ROOT, "scripts", "weight.mjs")).href)) as Weights;
}
