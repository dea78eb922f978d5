/** See options.mjs. */
import type {
  BACKOFFS,
  BREAKER,
  CALL,
  DETECTORS,
  HALF_OPEN,
  OVERLOADS,
  RAMP,
} from "../src/breaker/options.ts";

export interface Tables {
  readonly BREAKER: typeof BREAKER;
  readonly CALL: typeof CALL;
  readonly HALF_OPEN: typeof HALF_OPEN;
  readonly RAMP: typeof RAMP;
  readonly DETECTORS: typeof DETECTORS;
  readonly BACKOFFS: typeof BACKOFFS;
  readonly OVERLOADS: typeof OVERLOADS;
}
export function namesIn(tables: Tables): string[];
export function tablesOf(tables: Tables): string;
export function pageWith(page: string, tables: Tables): string;
export function schemaOf(tables: Tables): object;
