/** Options of `qos::circuit_breaker` as a pipeline writes them, and their meaning. */
import {
  BREAKER,
  type CircuitBreakerOptions,
  MAXIMUM_NAME_LENGTH,
  type Ramp,
  readTable,
  resolveOptions,
  type Table,
  type Throttle,
} from "../../breaker/options.ts";
import { nameOption, numberOption, type OptionError, outOfRange, wrongType } from "../../breaker/validate.ts";
import { type EndpointOf, isEndpoint } from "./endpoint.ts";
import { camelKeys, inSnakeCase } from "./snake-case.ts";

/** The options of a circuit breaker operator, read. */
export interface BreakerSettings {
  /** One endpoint for all events, or one for each; undefined: the host decides. */
  readonly endpoint: string | EndpointOf | undefined;
  /** `discard`: refused events go to `overflow`. `pause`: upstream is stopped by a trigger, too. Default: `discard`. */
  readonly method: "discard" | "pause";
  /**
   * Where there is an endpoint for each event: a breaker that is closed at level 0 and that no event has asked for
   * so long is forgotten. 1..86,400,000 ms, default 600,000.
   */
  readonly idleMs: number;
  /**
   * Where there is an endpoint for each event: no more breakers than so many. For a further endpoint the idle breaker leaves that
   * was asked the longest ago; where none is idle the event goes to `err`. 1..10,000,000; Infinity, the default: any number.
   */
  readonly maximumBreakers: number;
  /** Of the breaker; others are the defaults of the registry. */
  readonly breaker: CircuitBreakerOptions;
}

/** Those of a breaker, and those of the operator. */
const OPTIONS: Table = {
  ...BREAKER,
  endpoint: { read: readEndpoint },
  method: { read: (option, value) => nameOption(option, value, ["discard", "pause"]) },
  idleMs: { read: numberOption, from: 1, to: 86_400_000 },
  maximumBreakers: { read: numberOption, from: 1, to: 10_000_000, whole: true },
};

/**
 * Reads options with snake_case keys.
 *
 * @throws OptionError that names option, range and value, in snake_case
 */
export function readSettings(options: Readonly<Record<string, unknown>>): BreakerSettings {
  const written = camelKeys(options);
  return inSnakeCase(() => {
    const {
      endpoint,
      method = "discard",
      idleMs = 600_000,
      maximumBreakers = Number.POSITIVE_INFINITY,
      ...breaker
    } = readTable("options", written, OPTIONS);
    const { halfOpen, overload } = resolveOptions(breaker);
    const { ramp } = halfOpen;
    // The table has checked every value.
    const settings = {
      endpoint,
      method,
      idleMs,
      maximumBreakers,
      breaker: breaker as CircuitBreakerOptions,
    } as BreakerSettings;
    refusePauseOfMany(settings);
    if (settings.method === "pause" && ramp !== undefined) throw pausedShare("halfOpen.ramp", ramp);
    if (settings.method === "pause" && overload !== undefined) throw pausedShare("overload", overload);
    return settings;
  });
}

function readEndpoint(option: string, value: unknown): string | EndpointOf {
  if (isEndpoint(value)) return value;
  if (typeof value === "function") return value as EndpointOf; // takes the event, may return anything
  throw wrongType(option, `a name of 1 to ${MAXIMUM_NAME_LENGTH} characters or taken from the event`, value);
}

/** Nor for a share of its events. */
function pausedShare(option: string, value: Ramp | Throttle): OptionError {
  return outOfRange(option, 'left out where method is "pause"', value);
}

/** Upstream can be stopped or not: it cannot be stopped for some endpoints. */
function refusePauseOfMany({ endpoint, method }: BreakerSettings): void {
  if (method === "pause" && typeof endpoint === "function") {
    throw wrongType("endpoint", 'one name where method is "pause"', endpoint);
  }
}
