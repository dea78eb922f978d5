/** Terms: options, and the policy in memory that they became. Breakers of the same options share one. */
import type { Core, PlacedPolicy } from "../core/core.ts";
import { canHang, slowCallMsOf } from "./detector.ts";
import type { ResolvedOptions } from "./options.ts";
import { optionsOf, policyOf } from "./policy.ts";

export interface Terms {
  readonly options: ResolvedOptions;
  readonly policy: PlacedPolicy;
  /** ms; a call that takes longer is slow. Infinity: none is, and calls need not be timed. */
  readonly slowCallMs: number;
  /** Calls can be slow or hang, so each of them needs times and a ticket of its own. */
  readonly isWatched: boolean;
}

export class TermsBook {
  readonly #core: Core;
  readonly #byOptions = new WeakMap<ResolvedOptions, Terms>();
  readonly #byKey = new Map<string, Terms>();
  readonly #byAddress = new Map<number, Terms>();

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

  /** Those of a breaker in memory. */
  at(address: number): Terms {
    const known = this.#byAddress.get(address);
    if (known !== undefined) return known;
    return this.of(optionsOf(this.#core.policyAt(address))); // placed by another thread
  }

  #add(key: string, options: ResolvedOptions, policy: PlacedPolicy): Terms {
    const slowCallMs = slowCallMsOf(options.detectors);
    const isWatched = Number.isFinite(slowCallMs) || canHang(options.detectors);
    const terms = { options, policy, slowCallMs, isWatched };
    this.#byKey.set(key, terms);
    this.#byAddress.set(policy.address, terms);
    return terms;
  }
}
