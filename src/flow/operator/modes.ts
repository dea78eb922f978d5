/**
 * In which mode the breakers of one operator have to be: as configured, as the signals say, or forced open
 * because a sink behind the operator is broken.
 */
import type { CircuitBreaker } from "../../breaker/breaker.ts";
import type { Mode } from "../../breaker/options.ts";
import type { CircuitBreakerRegistry } from "../../breaker/registry.ts";
import type { Guard } from "./guards.ts";
import { abandon, hold, isAbandoned, letGo } from "./hold.ts";
import type { Routes } from "./routes.ts";

/** The key of an order for every endpoint that has none of its own. */
const EVERY = undefined;

export class BreakerModes {
  readonly #registry: CircuitBreakerRegistry;
  readonly #routes: Routes;
  /** What the signals said last, by endpoint. */
  readonly #orders = new Map<string | undefined, "enabled" | "disabled">();

  constructor(registry: CircuitBreakerRegistry, routes: Routes) {
    this.#registry = registry;
    this.#routes = routes;
  }

  /** A signal; without an endpoint it is for all and replaces what was said for single ones. */
  order(mode: "enabled" | "disabled", endpoint: string | undefined): void {
    if (endpoint === EVERY) this.#orders.clear();
    this.#orders.set(endpoint, mode);
  }

  /** A breaker that comes late, or from an operator that has ended, is told what the others know. */
  welcome(guard: Guard, atMs: number): void {
    const isLeft = isAbandoned(this.#registry, guard.breaker.name);
    if (isLeft || this.#routes.isBroken(guard) || this.#orderOf(guard.breaker) !== undefined)
      this.apply(guard, atMs);
  }

  /** The sinks of the operator are not what they were: switches a breaker that this concerns. */
  heed(guard: Guard, atMs: number): void {
    if (this.#routes.isBroken(guard) !== guard.minds) this.apply(guard, atMs);
  }

  /** Switches a breaker to its mode. One that refuses nothing by its mode is not forced open. */
  apply(guard: Guard, atMs: number): void {
    const { breaker } = guard;
    guard.minds = this.#routes.isBroken(guard);
    const mode = this.#modeOf(breaker);
    if (mode === "enabled" && guard.minds) {
      hold(this.#registry, breaker.name, this);
      breaker.forceOpen(atMs);
      return;
    }
    const free = letGo(this.#registry, breaker.name, this);
    if (free || mode !== "enabled") switchTo(breaker, mode, atMs);
  }

  /** The operator has ended. */
  leave({ breaker }: Guard): void {
    abandon(this.#registry, breaker.name, this);
  }

  #orderOf({ name }: CircuitBreaker): "enabled" | "disabled" | undefined {
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
