/** What the data file holds: steps to do to the library, and what it must show after each. */

import type { CircuitBreakerOptions } from "../../src/entry/main.ts";
import { exportsOf, type SceneOptions } from "./player.mjs";

/** A value as JSON can say it: numbers that are not finite stand as `{ f64 }`, their bits in hexadecimal. */
export type Plain =
  | string
  | number
  | boolean
  | null
  | { readonly f64: string }
  | readonly Plain[]
  | { readonly [key: string]: Plain };

/** One call of a batch. */
export interface Entry {
  readonly of: number;
  readonly ticket?: number;
  /** SUCCESS, FAILURE, RELEASE or NONE, as a number. */
  readonly outcome?: number;
  readonly weight?: number;
  readonly ms?: number;
}

/** One step. */
export interface Step {
  /** A method of a breaker, `acquireBatch` or `reportBatch` of a registry, `look`, or `move`: export and import. */
  readonly do: string;
  /** Index of the breaker. */
  readonly of?: number;
  /** What the clock shows, ms. */
  readonly at: number;
  /** Whether the time is passed as an argument too, or left to the clock. */
  readonly says?: true;
  readonly ticket?: number;
  /** How long the call took. */
  readonly ms?: number;
  readonly weight?: number;
  /** Of a failure or `trip`: it stays open at least that long. */
  readonly holdMs?: number;
  /** Of a failure: its error. */
  readonly error?: string;
  readonly entries?: readonly Entry[];
  /** Of the registry that goes on after a move: what its jitter is drawn from. */
  readonly seed?: number;
  /** What the call returns: a ticket, or the tickets of a batch. */
  readonly gives?: number | readonly number[];
  /** An export as JSON text. */
  readonly json?: string;
  /** By index of a breaker: what its snapshot shows that it did not show after the step before. */
  readonly shows?: Readonly<Record<number, Readonly<Record<string, unknown>>>>;
  /** By index of a breaker: the events that were told, each as the values of EVENT_FIELDS. */
  readonly tells?: Readonly<Record<number, readonly (readonly unknown[])[]>>;
}

/** A registry, the breakers in it, and what happens to them. */
export interface Case {
  /** Which random case of the core's tests this was. */
  readonly from: number;
  /** What jitter is drawn from. */
  readonly seed: number;
  readonly startMs: number;
  readonly breakers: readonly { readonly name: string; readonly options: CircuitBreakerOptions }[];
  readonly steps: readonly Step[];
}

/** The file. */
export interface Script {
  readonly cases: readonly Case[];
}

/** The script with its exports, as registries of one build give them. */
export function withExports(
  script: Script,
  library: object,
  createRegistry: (options: SceneOptions) => object,
): Script {
  const exports = exportsOf(script, library, createRegistry);
  let next = 0;
  return {
    cases: script.cases.map((one) => ({
      ...one,
      steps: one.steps.map((step) => (step.do === "move" ? { ...step, json: exports[next++] ?? "" } : step)),
    })),
  };
}

/** The script as a text in which JSON loses nothing, one step a line. */
export function write(script: Script): string {
  const cases = script.cases.map(({ steps, ...head }) => {
    const lines = steps.map((step) => JSON.stringify(toPlain(step)));
    return `${JSON.stringify(toPlain(head)).slice(0, -1)},"steps":[\n${lines.join(",\n")}\n]}`;
  });
  return `{"cases":[\n${cases.join(",\n")}\n]}\n`;
}

function toPlain(value: unknown): Plain {
  if (typeof value === "number" && (!Number.isFinite(value) || Object.is(value, -0)))
    return { f64: bitsOf(value) };
  if (Array.isArray(value)) return value.map(toPlain);
  if (typeof value !== "object" || value === null) return value as Plain;
  const entries = Object.entries(value).filter(([, field]) => field !== undefined);
  return Object.fromEntries(entries.map(([key, field]) => [key, toPlain(field)]));
}

function bitsOf(value: number): string {
  return new BigUint64Array(new Float64Array([value]).buffer)[0]!.toString(16).padStart(16, "0"); // one there is
}
