/**
 * In which mode the breakers of one operator have to be: as configured, as the signals say, or forced open
 * because a sink behind the operator is broken.
 */
import type { GuardedBreaker } from "../breaker/breaker.ts";
import type { Mode } from "../breaker/options.ts";
import { hold, letGo } from "./hold.ts";

/** The key of an order for every endpoint that has none of its own. */
const EVERY = undefined;

export class BreakerModes {
  /** Senders of a trigger that have not sent their restore. */
  readonly #broken = new Set<number>();
  /** What the signals said last, by endpoint. */
  readonly #orders = new Map<string | undefined, "enabled" | "disabled">();

  /** True while a sink behind the operator is broken. */
  get anyBroken(): boolean {
    return this.#broken.size > 0;
  }

  /** A signal; without an endpoint it is for all and replaces what was said for single ones. */
  order(mode: "enabled" | "disabled", endpoint: string | undefined): void {
    if (endpoint === EVERY) this.#orders.clear();
    this.#orders.set(endpoint, mode);
  }

  /** A sink is broken, or no longer. True when that is news for the breakers: the first one, or the last. */
  mind(sender: number, isBroken: boolean): boolean {
    const before = this.anyBroken;
    if (isBroken) this.#broken.add(sender);
    else this.#broken.delete(sender);
    return before !== this.anyBroken;
  }

  /** Switches a breaker to its mode. One that refuses nothing by its mode is not forced open. */
  apply(breaker: GuardedBreaker, atMs: number): void {
    const mode = this.#modeOf(breaker);
    if (mode === "enabled" && this.anyBroken) {
      hold(breaker, this);
      breaker.forceOpen(atMs);
      return;
    }
    const free = letGo(breaker, this);
    if (free || mode !== "enabled") switchTo(breaker, mode, atMs);
  }

  /** An order to enable leads back to shadow where that is the mode of the options, and never to a mode that is off. */
  #modeOf({ name, options }: GuardedBreaker): Mode {
    const order = this.#orders.get(name) ?? this.#orders.get(EVERY);
    if (order !== "enabled") return order ?? options.mode;
    return options.mode === "shadow" ? "shadow" : "enabled";
  }
}

function switchTo(breaker: GuardedBreaker, mode: Mode, atMs: number): void {
  if (mode === "enabled") breaker.enable(atMs);
  else if (mode === "disabled") breaker.disable(atMs);
  else if (mode === "shadow") breaker.shadow(atMs);
  else breaker.forceOpen(atMs);
}
