/** Options of some breakers of a registry by the name of their endpoint. */
import {
  type CircuitBreakerOptions,
  combineOptions,
  completeOptions,
  type NamedOptions,
  type ResolvedOptions,
  readOptions,
} from "../breaker/options.ts";
import type { CircuitBreakerRegistry } from "../breaker/registry.ts";
import { fieldsOf, isOptionError } from "../breaker/validate.ts";

/** Options by the name of the endpoint: an object, or a function that is called for each breaker that is made. */
export type Overrides =
  | Readonly<Record<string, CircuitBreakerOptions>>
  | ((endpoint: string) => CircuitBreakerOptions | undefined);

/**
 * Options of some breakers over the defaults of the registry, for breakers made from now on. A function must return the
 * same for the same name: it is called for every breaker that is made, and for those that may be evicted.
 * @throws OptionError for bad overrides of an object, at once; for those of a function, when a breaker is made. Nothing is
 * changed then.
 */
export function setOverrides(registry: CircuitBreakerRegistry, overrides: Overrides): void {
  const namedFor = readerOf(overrides);
  let base: ResolvedOptions | undefined;
  let completed = new Map<NamedOptions, ResolvedOptions>();
  registry._namedFor = namedFor;
  registry._optionsFor = (endpoint) => {
    const named = namedFor(endpoint);
    if (!named) return registry._defaults;
    if (base !== registry._defaults) {
      base = registry._defaults;
      completed = new Map();
    }
    let options = completed.get(named);
    if (!options) {
      options = completeOptions(named, base);
      if (typeof overrides !== "function") completed.set(named, options);
    }
    return options;
  };
}

function readerOf(overrides: unknown): (endpoint: string) => NamedOptions | undefined {
  if (typeof overrides === "function") {
    return (endpoint) => {
      const options: unknown = overrides(endpoint);
      return options === undefined ? undefined : readFor(endpoint, options);
    };
  }
  const fields = fieldsOf("overrides", overrides);
  const byName = new Map(Object.keys(fields).map((name) => [name, readFor(name, fields[name])]));
  return (endpoint) => byName.get(endpoint);
}

function readFor(endpoint: string, options: unknown): NamedOptions {
  try {
    return readOptions(options);
  } catch (error) {
    if (isOptionError(error)) error.message = `overrides of ${JSON.stringify(endpoint)}: ${error.message}`;
    throw error;
  }
}

/** `changes` as they hold for that breaker: its overrides stay. */
export function changesUnder(
  registry: CircuitBreakerRegistry,
  endpoint: string,
  changes: NamedOptions,
): NamedOptions {
  const named = registry._namedFor?.(endpoint);
  return named ? combineOptions(named, changes) : changes;
}
