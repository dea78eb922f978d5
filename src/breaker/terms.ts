/** Terms: options, and the policy in memory that they became. Breakers of the same options share one. */
import type { Core, PlacedPolicy } from "../core/core.ts";
import { canHang, slowCallMsOf } from "./options/detector.ts";
import type { ResolvedOptions } from "./options/options.ts";
import { optionsOf, policyOf } from "./options/policy.ts";

/** No call takes as long, and it is not Infinity. */
export const TIMED: number = Number.MAX_VALUE;

export interface Terms {
  readonly options: ResolvedOptions;
  readonly policy: PlacedPolicy;
  /** ms; a call that takes longer is slow. Infinity: none is, and calls need not be timed; TIMED: they are to be all the same. */
  slowCallMs: number;
  /** Calls are timed or can hang, so each of them needs a time and a ticket of its own. */
  isWatched: boolean;
  /** Snapshots show the time window, and not the count window. */
  readonly hasTimeWindow: boolean;
}

export class TermsBook {
  readonly #core: Core;
  readonly #byOptions = new WeakMap<ResolvedOptions, Terms>();
  readonly #byKey = new Map<string, Terms>();
  readonly #byAddress = new Map<number, Terms>();
  /** Where no call is slow. */
  #untimedMs = Number.POSITIVE_INFINITY;

  constructor(core: Core) {
    this.#core = core;
  }

  /** The terms of those options, placed in memory if they are new. */
  of(options: ResolvedOptions): Terms {
    const known = this.#byOptions.get(options);
    if (known !== undefined) return known;
    const policy = policyOf(options);
    // Infinity is no JSON; no other value becomes null.
    const key = JSON.stringify(policy);
    const terms = this.#byKey.get(key) ?? this.#add(key, options, this.#core.place(policy));
    this.#byOptions.set(options, terms);
    return terms;
  }

  /** Whether calls are timed also where none is slow. */
  timeCalls(timed: boolean): void {
    this.#untimedMs = timed ? TIMED : Number.POSITIVE_INFINITY;
    for (const terms of this.#byAddress.values()) {
      if (terms.slowCallMs >= TIMED) terms.slowCallMs = this.#untimedMs;
      terms.isWatched = isTimed(terms.slowCallMs) || canHang(terms.options.detectors);
    }
  }

  /** Those of a breaker in memory. */
  at(address: number): Terms {
    const known = this.#byAddress.get(address);
    if (known !== undefined) return known;
    return this.of(optionsOf(this.#core.policyAt(address))); // placed by another thread
  }

  #add(key: string, options: ResolvedOptions, policy: PlacedPolicy): Terms {
    const { detectors } = options;
    const hasTimeWindow = detectors.some(({ kind }) => kind === "success_rate_over_time_window");
    const slowCallMs = Math.min(slowCallMsOf(detectors), this.#untimedMs);
    const isWatched = isTimed(slowCallMs) || canHang(detectors);
    const terms = { options, policy, slowCallMs, isWatched, hasTimeWindow };
    this.#byKey.set(key, terms);
    this.#byAddress.set(policy.address, terms);
    return terms;
  }
}

function isTimed(slowCallMs: number): boolean {
  return slowCallMs !== Number.POSITIVE_INFINITY;
}
