/** What the server of the demo goes through. */
import { InvalidArgumentError } from "commander";

export const PHASE_KINDS = ["healthy", "failing", "hanging", "refusing"] as const;
export type PhaseKind = (typeof PHASE_KINDS)[number];

export interface Phase {
  readonly kind: PhaseKind;
  /** 0.1 to 3,600. The last phase goes on until the server is closed. */
  readonly seconds: number;
}

/** Phases in their order, at least one. */
export type Scenario = readonly Phase[];

/**
 * With the defaults of the breaker: 3 s fill its window with successes, so that it takes 0.75 s of failures to open it;
 * the first two probes fall into the failing phase, the third never does, and comes well before the end.
 */
export const DEFAULT_SCENARIO = "healthy:3,failing:4,healthy:6";

/** Reads "healthy:3,failing:4.5". */
export function readScenario(text: string): Scenario {
  return text.split(",").map(readPhase);
}

/** In ms. */
export function lengthOf(scenario: Scenario): number {
  return scenario.reduce((sum, { seconds }) => sum + seconds * 1_000, 0);
}

function readPhase(text: string): Phase {
  const [, name, digits] = /^\s*([a-z]+):(\d+(?:\.\d+)?)\s*$/.exec(text) ?? [];
  const kind = PHASE_KINDS.find((known) => known === name);
  const seconds = Number(digits);
  if (kind !== undefined && seconds >= 0.1 && seconds <= 3_600) return { kind, seconds };
  throw new InvalidArgumentError(
    `"${text.trim()}" is no phase. Give KIND:SECONDS, separated by commas; kinds are ${PHASE_KINDS.join(", ")}, seconds 0.1 to 3600.`,
  );
}
