/** What breakers of one registry share: core, clock, policies, listeners. */
import { coreModule } from "#core-module";
import { MAXIMUM_NAME_LENGTH } from "../../assembly/layout.ts";
import { Core, type Seed } from "../core/core.ts";
import type { CoreModule } from "../core/module.ts";
import { type Clock, guardClock } from "./clock.ts";
import { Dispatcher } from "./dispatcher.ts";
import { resolveOptions } from "./options.ts";
import { warn } from "./platform.ts";
import { PolicyCache, type PolicyEntry } from "./policy-cache.ts";
import { functionOption, numberOption, wrongType } from "./validate.ts";

export interface EngineOptions {
  /** Where jitter starts: a whole number from 0 to 2^53 - 1. Default: random. */
  readonly seed?: number | undefined;
  /** Default: monotonic ms since 1970, coarse under load (docs/guide.md); `systemClock` is the exact one. */
  readonly clock?: Clock | undefined;
  /** Gets the errors that listeners throw. Default: a warning of the platform. */
  readonly onError?: ((error: unknown) => void) | undefined;
}

export class Engine {
  readonly core: Core;
  readonly clock: Clock;
  readonly policies: PolicyCache;
  readonly dispatcher: Dispatcher;
  /** Listeners of breakers are found by name: names are unique. */
  readonly isByName: boolean;
  #removed: { readonly address: number; readonly policy: PolicyEntry } | undefined;

  constructor(options: EngineOptions, isByName: boolean, core: Core) {
    this.clock = guardClock(options.clock);
    this.core = core;
    this.isByName = isByName;
    this.policies = new PolicyCache(core);
    const { onError } = options;
    if (onError !== undefined) functionOption("onError", onError);
    this.dispatcher = new Dispatcher(core, (error) => {
      try {
        (onError ?? warn)(error);
      } catch (failure) {
        warn(failure); // of the handler: it changes nothing
      }
    });
  }

  /** The breaker that stands for all that were removed: forced open, in no name table. */
  removed(): { readonly address: number; readonly policy: PolicyEntry } {
    if (!this.#removed) {
      const policy = this.policies.of(resolveOptions({ mode: "forced_open" }));
      this.#removed = { address: this.core.create(policy.placed, "removed"), policy };
    }
    return this.#removed;
  }
}

/** A core for a registry of this thread. */
export function createCore(seed: unknown, module: CoreModule = coreModule): Core {
  return Core.create(module, drawSeed(seed));
}

/** A seed as the core takes it: given, or random. @throws OptionError */
export function drawSeed(given: unknown): Seed {
  const range = { from: 0, to: Number.MAX_SAFE_INTEGER, whole: true };
  const seed = numberOption("seed", given, range, Math.floor(Math.random() * Number.MAX_SAFE_INTEGER));
  return [seed >>> 0, Math.floor(seed / 2 ** 32)];
}

let standalone: Engine | undefined;

/** The engine of breakers that belong to no registry. */
export function standaloneEngine(): Engine {
  standalone ??= new Engine({ __proto__: null } as EngineOptions, false, createCore(undefined));
  return standalone;
}

/** @throws OptionError when it cannot be the name of an endpoint. */
export function checkName(name: unknown): string {
  if (typeof name === "string" && name.length > 0 && name.length <= MAXIMUM_NAME_LENGTH) return name;
  const wanted = `a string of 1 to ${MAXIMUM_NAME_LENGTH} characters`;
  throw wrongType("name", wanted, typeof name === "string" ? `${name.length} characters` : name);
}
