/** The line that says how a run is doing. */
import type { CircuitBreaker } from "../breaker/breaker.ts";
import type { CircuitBreakerRegistry } from "../breaker/registry.ts";
import type { Ledger } from "../flow/graph/ledger.ts";
import type { Chronicle } from "./chronicle.ts";
import type { Display } from "./display.ts";
import { count, seconds } from "./figures.ts";
import { Pace } from "./pace.ts";
import { printable } from "./printable.ts";
import { ENDINGS } from "./summary.ts";

/** Breakers up to this many are shown one by one. */
const SHOWN_BREAKERS = 3;

export interface ProgressParts {
  readonly display: Display;
  readonly ledger: Ledger;
  readonly registry: CircuitBreakerRegistry;
  readonly chronicle: Chronicle;
}

export class Progress {
  readonly #parts: ProgressParts;
  readonly #startedMs = performance.now();
  readonly #pace = new Pace(this.#startedMs);
  readonly #timer: NodeJS.Timeout | undefined;

  /** Shows the first line after the display's interval. */
  constructor(parts: ProgressParts) {
    this.#parts = parts;
    const { intervalMs } = parts.display;
    if (Number.isFinite(intervalMs)) this.#timer = setInterval(() => this.#show(), intervalMs);
  }

  /** The time since the start, as it stands before every line. */
  get stamp(): string {
    return seconds(performance.now() - this.#startedMs).padStart(7);
  }

  end(): void {
    clearInterval(this.#timer);
    this.#parts.display.end();
  }

  #show(): void {
    const { display, ledger, registry, chronicle } = this.#parts;
    const rate = this.#pace.measure(ledger.read, performance.now());
    const pace = `${this.stamp}  ${count(rate)} events/s`;
    display.progress([pace, ...endingsOf(ledger), ...statesOf(registry, chronicle)]);
  }
}

function endingsOf(ledger: Ledger): readonly string[] {
  const shown = ENDINGS.filter((ending) => ending === "delivered" || ledger[ending] > 0);
  return shown.map((ending) => `${count(ledger[ending])} ${ending}`);
}

function statesOf(registry: CircuitBreakerRegistry, chronicle: Chronicle): readonly string[] {
  if (registry.size <= SHOWN_BREAKERS) return Array.from(registry, stateOf);
  return [`${count(chronicle.openCount)} of ${count(registry.size)} breakers open`];
}

function stateOf(breaker: CircuitBreaker): string {
  const state = breaker.state.replace("_", "-");
  const retryMs = breaker.retryAfterMs();
  const retry = retryMs > 0 && Number.isFinite(retryMs) ? ` (retry in ${seconds(retryMs)})` : "";
  return `breaker ${printable(breaker.name)} ${state}${retry}`;
}
