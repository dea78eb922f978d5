/**
 * Whether a run is alive and whether it is ready, as the probes of Kubernetes and Docker ask.
 *
 * Alive: a restart would not help. A run whose endpoint is down is alive, since it waits and loses nothing. Ready: it takes events and
 * delivers them.
 */
import type { CircuitBreakerRegistry } from "../../breaker/registry.ts";
import { seconds } from "../base/number-format.ts";
import { printable } from "../base/printable.ts";
import { BreakerHistories } from "../view/history.ts";
import type { RunSnapshot } from "../view/snapshot.ts";
import { ENDINGS } from "../view/summary.ts";
import type { RunState } from "./run-state.ts";

/** ms that a breaker may be open, or the sources stopped, before the run is not ready: a short outage is no news. */
export const UNREADY_MS = 30_000;
/** ms without an event that ends, with some in flight and nothing that explains it: longer than any wait of a run that works. */
export const STUCK_MS = 600_000;

/** Reasons; none: all is well. */
export interface HealthReport {
  readonly alive: readonly string[];
  readonly ready: readonly string[];
}

export class Health {
  readonly #registry: CircuitBreakerRegistry;
  readonly #state: RunState;
  readonly #now: () => number;
  readonly #histories: BreakerHistories;
  /** Events that had ended when that was looked at last, and when the number had changed last. */
  #ended = { count: -1, atMs: 0 };
  /** Since when the sources are stopped; undefined: they are not. */
  #triggeredMs: number | undefined;

  /** @param now in ms. Default: the monotonic clock of the process. */
  constructor(
    registry: CircuitBreakerRegistry,
    state: RunState,
    now: () => number = () => performance.now(),
  ) {
    this.#registry = registry;
    this.#state = state;
    this.#now = now;
    this.#histories = new BreakerHistories(registry, () => {});
  }

  report(): HealthReport {
    const snapshot = this.#state.snapshot();
    const stuck = snapshot === undefined ? [] : this.#stuckReasons(snapshot);
    const waiting = snapshot === undefined ? [] : this.#waitingReasons(snapshot);
    const { phase } = this.#state;
    return {
      alive: stuck,
      ready: [...(phase === "running" ? [] : [`the run is ${phase}`]), ...stuck, ...waiting],
    };
  }

  /** Listens to breakers no more. */
  close(): void {
    this.#histories.end();
  }

  #waitingReasons({ triggered }: RunSnapshot): readonly string[] {
    const nowMs = this.#now();
    this.#triggeredMs = triggered ? (this.#triggeredMs ?? nowMs) : undefined;
    const stoppedMs = nowMs - (this.#triggeredMs ?? nowMs);
    const open = this.#histories.open(this.#registry.now()).filter(({ openMs }) => openMs > UNREADY_MS);
    const longest = open[0];
    return [
      ...(longest === undefined
        ? []
        : [
            `breaker ${printable(longest.endpoint)} has been open for ${seconds(longest.openMs)}${open.length > 1 ? `, and ${open.length - 1} more` : ""}`,
          ]),
      ...(stoppedMs > UNREADY_MS
        ? [`a sink or a breaker has stopped the sources for ${seconds(stoppedMs)}`]
        : []),
    ];
  }

  #stuckReasons({ accounting, triggered }: RunSnapshot): readonly string[] {
    const nowMs = this.#now();
    const count = ENDINGS.reduce((sum, ending) => sum + accounting[ending], 0);
    const isExplained = triggered || this.#histories.openCount > 0 || accounting.inFlight === 0;
    if (count !== this.#ended.count || isExplained) this.#ended = { count, atMs: nowMs };
    const idleMs = nowMs - this.#ended.atMs;
    if (idleMs <= STUCK_MS) return [];
    return [`${accounting.inFlight} events are in flight, and none has ended for ${seconds(idleMs)}`];
  }
}
