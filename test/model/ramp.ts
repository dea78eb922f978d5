/**
 * The gradual return: which share of the calls passes when, and which calls these are.
 */

/** Shares of calls, one after the other, each for so long. */
export interface RampRule {
  readonly shares: readonly number[];
  readonly stepMs: number;
}

/** Calls are counted up to this many; the last of them never passes, and the count begins again. */
const ROUND = 1_024;

/** Part of a step that is over when a ramp has stepped back, so that rounding does not lead to the step before. */
const INTO_STEP = 1 / 1_024;

/** See the file. */
export class RampModel {
  #rule: RampRule;
  #sinceMs: number | undefined;
  #asked = 0;

  constructor(rule: RampRule) {
    this.#rule = rule;
  }

  get isUnderWay(): boolean {
    return this.#sinceMs !== undefined;
  }

  start(nowMs: number): void {
    this.#sinceMs = nowMs;
    this.#asked = 0;
  }

  /** Goes back to the share before the present one, which begins anew. False at the first share: it does not. */
  stepBack(nowMs: number): boolean {
    const { shares, stepMs } = this.#rule;
    const step = Math.min(Math.floor((nowMs - (this.#sinceMs ?? 0)) / stepMs), shares.length);
    if (step < 1) return false;
    this.#sinceMs = nowMs - (step - 1 + INTO_STEP) * stepMs;
    this.#asked = 0;
    return true;
  }

  /** Goes on by another rule, as of its beginning. */
  follow(rule: RampRule): void {
    this.#rule = rule;
  }

  /** The share that passes; 1 once it is over. */
  shareAt(nowMs: number): number {
    const { shares, stepMs } = this.#rule;
    return shares[Math.floor((nowMs - (this.#sinceMs ?? 0)) / stepMs)] ?? 1;
  }

  /** When the share grows next, in ms; undefined unless it is under way. */
  nextStepMs(nowMs: number): number | undefined {
    if (this.#sinceMs === undefined) return undefined;
    const { stepMs } = this.#rule;
    return this.#sinceMs + (Math.floor((nowMs - this.#sinceMs) / stepMs) + 1) * stepMs;
  }

  /** Whether the next call passes: of the first n, n times the share do, rounded up. */
  admits(nowMs: number): boolean {
    const share = this.shareAt(nowMs);
    this.#asked = (this.#asked + 1) % ROUND;
    if (this.#asked === 0) return false;
    return Math.ceil(this.#asked * share) > Math.ceil((this.#asked - 1) * share);
  }
}
