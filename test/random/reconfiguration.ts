/** New options for a breaker that has some: any part of them, as a user would say it and as the model is told. */

import type { CircuitBreakerOptions } from "../../src/entry/main.ts";
import type { ModelMode, ModelOptions } from "../model/options.ts";
import { Choices, Generator } from "./generator.ts";
import { inLibraryWords, OPTION_NUMBERS, optionsFrom } from "./options.ts";

/** See the file. */
export interface Change {
  /** What `configure` is given. */
  readonly partial: CircuitBreakerOptions;
  /** What the options are afterwards. */
  readonly options: ModelOptions;
  /** The mode that was asked for, if any. */
  readonly mode: ModelMode | undefined;
}

/** What is not said stays, so to have none has to be said. */
const NO_RAMP = { shares: [] };

/** Half of the time the windows keep their shape: then only the numbers that judge them are new. */
export function changeFrom(present: ModelOptions, number: number): Change {
  const generator = new Generator(number);
  const random = optionsFrom(new Choices(generator.numbers(OPTION_NUMBERS)));
  const fresh = generator.number() % 2 === 0 ? random : inShapeOf(present, random);
  const [wanted, backoff, decay, halfOpen, limits] = [0, 1, 2, 3, 4].map(() => generator.number() % 2 === 0);
  // A maximum of pending calls cannot be taken away, and requires a time window.
  const detector = wanted && (present.maximumPending === undefined || fresh.timeWindow !== undefined);
  const mode = generator.number() % 16 === 0 ? fresh.mode : undefined;
  const { delaysMs, jitter } = backoff ? fresh : present;
  const { probes, successesToClose, toleratedFailures, probeTimeoutMs, ramp } = halfOpen ? fresh : present;
  const detectors = detectorsOf(detector ? fresh : present);
  const overload = detectors.timeWindow && (limits ? fresh : present).overload;
  const maximumPending =
    (limits && detectors.timeWindow ? fresh.maximumPending : undefined) ?? present.maximumPending;
  const options: ModelOptions = {
    ...detectors,
    ...{ delaysMs, jitter, probes, successesToClose, toleratedFailures, probeTimeoutMs },
    ...(overload && { overload }),
    ...(maximumPending !== undefined && { maximumPending }),
    ...(ramp && { ramp }),
    decayMs: (decay ? fresh : present).decayMs,
    mode: mode ?? present.mode,
  };
  const all = inLibraryWords(options);
  const partial = {
    ...(detector && { detector: all.detector! }),
    ...(backoff && { backoff: all.backoff! }),
    ...(decay && { decayMs: options.decayMs }),
    ...(halfOpen && { halfOpen: { ramp: NO_RAMP, ...all.halfOpen } }),
    ...(overload !== present.overload && { overload: overload ?? ("none" as const) }),
    ...(maximumPending !== present.maximumPending && { maximumPending: maximumPending! }),
    ...(mode && { mode }),
  };
  return { partial, options, mode };
}

function detectorsOf({
  timeWindow,
  countWindow,
  consecutiveFailures,
}: ModelOptions): Pick<ModelOptions, "timeWindow" | "countWindow" | "consecutiveFailures"> {
  return {
    ...(timeWindow && { timeWindow }),
    ...(countWindow && { countWindow }),
    ...(consecutiveFailures !== undefined && { consecutiveFailures }),
  };
}

/** Other numbers for the same windows and as many probes. */
function inShapeOf(present: ModelOptions, fresh: ModelOptions): ModelOptions {
  const { timeWindow, countWindow, ...rest } = fresh;
  const rule = timeWindow ?? countWindow ?? present.timeWindow ?? present.countWindow;
  const hasWindow = present.timeWindow !== undefined || present.countWindow !== undefined;
  if (rule === undefined || !hasWindow) return { ...rest, consecutiveFailures: 3, probes: present.probes };
  const { requiredSuccessRate, minimumCalls, slowCallMs, maximumSlowRate } = rule;
  const rates = { requiredSuccessRate, slowCallMs, maximumSlowRate };
  const hangs = present.timeWindow?.hungAfterMs !== undefined &&
    timeWindow?.hungAfterMs !== undefined && { hungAfterMs: Math.max(1, present.timeWindow.hungAfterMs / 2) };
  return {
    ...rest,
    ...(present.timeWindow && { timeWindow: { ...present.timeWindow, ...rates, ...hangs, minimumCalls } }),
    ...(present.countWindow && {
      countWindow: {
        ...present.countWindow,
        ...rates,
        minimumCalls: Math.min(minimumCalls, present.countWindow.calls),
      },
    }),
    probes: present.probes,
  };
}
