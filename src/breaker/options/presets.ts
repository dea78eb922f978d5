/** Which options a breaker is made with: the defaults of its registry, and what is said of it by its name. */
import { isOptionError, objectOption } from "./check.ts";
import {
  type CircuitBreakerOptions,
  combine,
  complete,
  type NamedOptions,
  type ResolvedOptions,
  readOptions,
  resolveOptions,
} from "./options.ts";

/** Options by the name of the endpoint: an object, or a function that is asked once for each breaker that is made. */
export type Overrides =
  | Readonly<Record<string, CircuitBreakerOptions>>
  | ((endpoint: string) => CircuitBreakerOptions | undefined);

const NOTHING: NamedOptions = { halfOpen: {} };

export class Presets {
  #defaults: ResolvedOptions;
  /** Of the names that an object lists: read once, so that a mistake is seen at once. */
  readonly #listed: ReadonlyMap<string, NamedOptions>;
  readonly #ask: ((endpoint: string) => unknown) | undefined;
  #known = new Map<NamedOptions, ResolvedOptions>();

  /** @throws OptionError for bad overrides. */
  constructor(defaults: ResolvedOptions, overrides: Overrides | undefined) {
    this.#defaults = defaults;
    this.#ask = typeof overrides === "function" ? overrides : undefined;
    this.#listed = new Map(this.#ask === undefined ? list(overrides) : []);
  }

  /** Of a breaker of which nothing is said by its name. */
  get defaults(): ResolvedOptions {
    return this.#defaults;
  }

  /** Something is said by name. */
  get areSpecial(): boolean {
    return this.#ask !== undefined || this.#listed.size > 0;
  }

  /** @throws OptionError for what the function of the overrides says, and whatever it throws. */
  of(endpoint: string): ResolvedOptions {
    if (this.#ask !== undefined) return complete(this.#said(endpoint), this.#defaults);
    const named = this.#listed.get(endpoint);
    if (named === undefined) return this.#defaults;
    const known = this.#known.get(named) ?? complete(named, this.#defaults);
    this.#known.set(named, known);
    return known;
  }

  /** `changes` as they hold for that breaker: what is said of it by its name stays. */
  spare(endpoint: string, changes: NamedOptions): NamedOptions {
    return this.areSpecial ? combine(changes, this.#said(endpoint)) : changes;
  }

  /** Other defaults for breakers to come. */
  configure(changes: NamedOptions): void {
    this.#defaults = complete(changes, this.#defaults);
    this.#known = new Map();
  }

  #said(endpoint: string): NamedOptions {
    if (this.#ask === undefined) return this.#listed.get(endpoint) ?? NOTHING;
    const said = this.#ask(endpoint);
    return said === undefined ? NOTHING : readFor(endpoint, said);
  }
}

function list(overrides: unknown): [string, NamedOptions][] {
  const names = Object.keys(overrides ?? {});
  const fields = objectOption("overrides", overrides, names);
  return names.map((name) => [name, readFor(name, fields[name])]);
}

function readFor(endpoint: string, options: unknown): NamedOptions {
  try {
    return readOptions(options);
  } catch (error) {
    if (isOptionError(error)) error.message = `overrides of ${JSON.stringify(endpoint)}: ${error.message}`;
    throw error;
  }
}

/** @throws OptionError */
export function presetsOf(defaults: unknown, overrides: Overrides | undefined): Presets {
  return new Presets(resolveOptions(defaults), overrides);
}
