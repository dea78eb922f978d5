/**
 * In which mode the breakers of one operator have to be: as configured, as the signals say, or forced open
 * because a sink behind the operator is broken.
 */
import type { CircuitBreaker } from "../../breaker/breaker.ts";
import type { Mode } from "../../breaker/options.ts";
import type { CircuitBreakerRegistry } from "../../breaker/registry.ts";
import { endForcedOpen, isForcedOpenByEnded, requestForcedOpen, withdrawForcedOpen } from "./forced-open.ts";
import type { SinkMap } from "./sink-map.ts";

/** The key of an order for every endpoint that has none of its own. */
const EVERY = undefined;

export class BreakerModes {
  readonly #registry: CircuitBreakerRegistry;
  readonly #sinks: SinkMap;
  /** The latest orders by signal, by endpoint. */
  readonly #orders = new Map<string | undefined, "enabled" | "disabled">();
  /** Breakers a sink of which was broken at the latest check. */
  readonly #broken = new Set<CircuitBreaker>();

  constructor(registry: CircuitBreakerRegistry, sinks: SinkMap) {
    this.#registry = registry;
    this.#sinks = sinks;
  }

  /** A signal; without an endpoint it is for all and replaces those for single endpoints. */
  setOrder(mode: "enabled" | "disabled", endpoint: string | undefined): void {
    if (endpoint === EVERY) this.#orders.clear();
    this.#orders.set(endpoint, mode);
  }

  /** Brings a breaker that was taken now, perhaps from an operator that has ended, into its mode. */
  initialize(breaker: CircuitBreaker, atMs: number): void {
    const isLeft = isForcedOpenByEnded(this.#registry, breaker.name);
    if (isLeft || this.#sinks.isBroken(breaker) || this.#orderOf(breaker) !== undefined)
      this.apply(breaker, atMs);
  }

  /** The sinks of the operator have changed: switches a breaker that this concerns. */
  onSinkChange(breaker: CircuitBreaker, atMs: number): void {
    if (this.#sinks.isBroken(breaker) !== this.#broken.has(breaker)) this.apply(breaker, atMs);
  }

  /** Switches a breaker to its mode. One that refuses nothing by its mode is not forced open. */
  apply(breaker: CircuitBreaker, atMs: number): void {
    const isBroken = this.#sinks.isBroken(breaker);
    if (isBroken) this.#broken.add(breaker);
    else this.#broken.delete(breaker);
    const mode = this.#modeOf(breaker);
    if (mode === "enabled" && isBroken) {
      requestForcedOpen(this.#registry, breaker.name, this);
      breaker.forceOpen(atMs);
      return;
    }
    const isFree = withdrawForcedOpen(this.#registry, breaker.name, this);
    if (isFree || mode !== "enabled") switchTo(breaker, mode, atMs);
  }

  /** Whether one of these has a broken sink. */
  isAnyBroken(breakers: ReadonlySet<CircuitBreaker>): boolean {
    const [few, many] =
      breakers.size < this.#broken.size ? [breakers, this.#broken] : [this.#broken, breakers];
    for (const breaker of few) if (many.has(breaker)) return true;
    return false;
  }

  /** The operator uses the breaker no more. */
  forget(breaker: CircuitBreaker): void {
    this.#broken.delete(breaker);
  }

  /** The operator has ended. */
  end(breaker: CircuitBreaker): void {
    endForcedOpen(this.#registry, breaker.name, this);
  }

  #orderOf({ name }: CircuitBreaker): "enabled" | "disabled" | undefined {
    if (this.#orders.size === 0) return undefined;
    return this.#orders.get(name) ?? this.#orders.get(EVERY);
  }

  /** An order to enable leads back to shadow where that is the mode of the options, and never to a mode that is off. */
  #modeOf(breaker: CircuitBreaker): Mode {
    const order = this.#orderOf(breaker);
    const { mode } = breaker.options;
    if (order !== "enabled") return order ?? mode;
    return mode === "shadow" ? "shadow" : "enabled";
  }
}

function switchTo(breaker: CircuitBreaker, mode: Mode, atMs: number): void {
  if (mode === "enabled") breaker.enable(atMs);
  else if (mode === "disabled") breaker.disable(atMs);
  else if (mode === "shadow") breaker.shadow(atMs);
  else breaker.forceOpen(atMs);
}
