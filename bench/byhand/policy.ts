/** Options and arithmetic of time of both kinds of hand-written breaker. */

/** Options in the words of the library; times in ms. */
export interface HandPolicy {
  readonly windowMs: number;
  readonly buckets: number;
  readonly minimumCalls: number;
  readonly requiredSuccessRate: number;
  /** Infinity: no call is slow. */
  readonly slowCallMs: number;
  readonly maximumSlowRate: number;
  /** By level; the last serves all higher levels. */
  readonly delaysMs: readonly number[];
  /** 0: closing resets the level. */
  readonly decayMs: number;
  readonly successesToClose: number;
  readonly probeTimeoutMs: number;
}

/** The defaults of the library, without jitter. */
export const DEFAULT_POLICY: HandPolicy = {
  windowMs: 10_000,
  buckets: 10,
  minimumCalls: 20,
  requiredSuccessRate: 0.8,
  slowCallMs: Number.POSITIVE_INFINITY,
  maximumSlowRate: 1,
  delaysMs: [1_000, 2_000, 4_000, 5_000],
  decayMs: 10_000,
  successesToClose: 1,
  probeTimeoutMs: 30_000,
};

/** The part of the library's snapshot that a breaker by hand has too. */
export interface HandSnapshot {
  readonly state: "closed" | "open" | "half_open";
  readonly calls: number;
  readonly failures: number;
  readonly slow: number;
  readonly level: number;
  readonly generation: number;
  readonly late: number;
  readonly refused: number;
  readonly retryAfterMs: number;
}

export const CLOSED = 0;
export const OPEN = 1;
export const HALF_OPEN = 2;
export const STATES = ["closed", "open", "half_open"] as const;

/** A ticket is a generation and a slot: 0 of a call admitted while closed, 1 of a probe. */
export const PROBE_SLOT = 1;
export const SLOT_MASK = 255;
export const GENERATION_SHIFT = 8;
const MAXIMUM_GENERATION = 4_194_303;

export function generationAfter(generation: number): number {
  return generation === MAXIMUM_GENERATION ? 1 : generation + 1;
}

export function delayAt(policy: HandPolicy, level: number): number {
  return policy.delaysMs[Math.min(level, policy.delaysMs.length - 1)]!; // there is at least one delay
}

/** The level after that long of being closed. */
export function levelAfter(policy: HandPolicy, level: number, closedMs: number): number {
  if (level === 0 || policy.decayMs === 0) return level;
  return Math.max(level - Math.floor(Math.max(closedMs, 0) / policy.decayMs), 0);
}

export function isFailing(policy: HandPolicy, calls: number, failures: number, slow: number): boolean {
  if (calls < policy.minimumCalls) return false;
  return (calls - failures) / calls < policy.requiredSuccessRate || slow / calls > policy.maximumSlowRate;
}

export function bucketMsOf(policy: HandPolicy): number {
  return policy.windowMs / policy.buckets;
}

/** The n with n * width <= now < (n + 1) * width; the quotient alone may be one off beside a boundary. */
export function numberAt(policy: HandPolicy, now: number): number {
  const width = bucketMsOf(policy);
  const number = Math.floor(now / width);
  if (now < number * width) return number - 1;
  return now < (number + 1) * width ? number : number + 1;
}

/** Number of the bucket that ends there. */
export function numberBefore(policy: HandPolicy, end: number): number {
  return Math.round(end / bucketMsOf(policy)) - 1;
}
