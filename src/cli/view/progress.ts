/** The line that says how a run is doing. */
import type { CircuitBreaker } from "../../breaker/breaker.ts";
import type { CircuitBreakerRegistry } from "../../breaker/registry.ts";
import type { Accounting } from "../../flow/graph/accounting.ts";
import { count, seconds } from "../base/number-format.ts";
import { printable } from "../base/printable.ts";
import type { Display } from "./display.ts";
import type { BreakerHistories } from "./history.ts";
import { RateMeter } from "./rate.ts";
import { ENDINGS } from "./summary.ts";

/** Breakers up to this many are shown one by one. */
const SHOWN_BREAKERS = 3;

export interface ProgressParts {
  readonly display: Display;
  readonly accounting: () => Accounting;
  readonly registry: CircuitBreakerRegistry;
  readonly histories: BreakerHistories;
}

export class Progress {
  readonly #parts: ProgressParts;
  readonly #startedMs = performance.now();
  readonly #rate = new RateMeter(this.#startedMs);
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
    const { display, registry, histories } = this.#parts;
    const accounting = this.#parts.accounting();
    const rate = this.#rate.measure(accounting.read, performance.now());
    const pace = `${this.stamp}  ${count(rate)} events/s`;
    display.progress([pace, ...endingsOf(accounting), ...statesOf(registry, histories)]);
  }
}

function endingsOf(accounting: Accounting): readonly string[] {
  const shown = ENDINGS.filter((ending) => ending === "delivered" || accounting[ending] > 0);
  return shown.map((ending) => `${count(accounting[ending])} ${ending}`);
}

function statesOf(registry: CircuitBreakerRegistry, histories: BreakerHistories): readonly string[] {
  if (registry.size <= SHOWN_BREAKERS) return Array.from(registry, stateOf);
  return [`${count(histories.openCount)} of ${count(registry.size)} breakers open`];
}

function stateOf(breaker: CircuitBreaker): string {
  const state = breaker.state.replace("_", "-");
  const retryMs = breaker.retryAfterMs();
  const retry = retryMs > 0 && Number.isFinite(retryMs) ? ` (retry in ${seconds(retryMs)})` : "";
  return `breaker ${printable(breaker.name)} ${state}${retry}`;
}
