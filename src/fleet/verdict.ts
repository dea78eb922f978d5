/**
 * Whether a machine opens by the fleet. It needs evidence of its own, most machines that see calls must be sick, and the
 * sum of all machines must break the rule. In the sum a machine counts for no more calls than the median machine, so none
 * outweighs the others, whatever it reports.
 */
import type { Counts } from "./report.ts";

/** Failures of its own without which a machine never opens by the fleet. */
export const OWN_FAILURES = 2;
/** Calls below which a machine is no part of the majority. */
export const BUSY_CALLS = 3;

/** The rule of one breaker. */
export interface Rule {
  /** Least success rate of its time window: 0..1. */
  readonly requiredSuccessRate: number;
  /** Calls of all machines below which there is no verdict. */
  readonly minimumCalls: number;
  /** Part of the busy machines that must be sick: above 0, at most 1. */
  readonly machines: number;
}

/** What the machines say of one endpoint. */
export interface Opinion {
  /** Machines with BUSY_CALLS or more that are below the limit. */
  readonly sick: number;
  /** Machines with BUSY_CALLS or more. */
  readonly busy: number;
  /** Capped sums over all machines. */
  readonly calls: number;
  readonly failures: number;
}

/** Whether a machine itself has seen the endpoint fail. */
export function hasEvidence({ calls, failures }: Counts, { requiredSuccessRate }: Rule): boolean {
  return failures >= OWN_FAILURES && (calls - failures) / calls < requiredSuccessRate;
}

/** What all machines say; `all` includes the own counts. */
export function opinionOf(all: readonly Counts[], rule: Rule): Opinion {
  const cap = medianOf(all.map(({ calls }) => calls).filter((calls) => calls > 0));
  let sick = 0;
  let busy = 0;
  let calls = 0;
  let failures = 0;
  for (const counts of all) {
    if (counts.calls <= 0) continue;
    const part = Math.min(1, cap / counts.calls);
    calls += counts.calls * part;
    failures += counts.failures * part;
    if (counts.calls < BUSY_CALLS) continue;
    busy++;
    if (hasEvidence(counts, rule)) sick++;
  }
  return { sick, busy, calls, failures };
}

/** Whether most machines that see calls are sick. */
export function isSick({ sick, busy }: Opinion, { machines }: Rule): boolean {
  return sick > 0 && sick >= busy * machines;
}

/** Whether a machine with those counts opens, given what all machines say. */
export function opens(own: Counts, opinion: Opinion, rule: Rule): boolean {
  if (!hasEvidence(own, rule) || !isSick(opinion, rule)) return false;
  const { calls, failures } = opinion;
  return calls >= rule.minimumCalls && (calls - failures) / calls < rule.requiredSuccessRate;
}

/** The lower of the two in the middle; Infinity of none. */
function medianOf(numbers: readonly number[]): number {
  const sorted = [...numbers].sort((one, other) => one - other);
  return sorted[Math.ceil(sorted.length / 2) - 1] ?? Infinity;
}
