/** What the breakers of a run went through. */
import { type CircuitBreakerEvent, EVENT_KINDS, type State } from "../../breaker/events.ts";
import type { CircuitBreakerRegistry } from "../../breaker/registry.ts";

/** One breaker, from the start of the run on. */
export interface BreakerHistory {
  readonly endpoint: string;
  readonly state: State;
  /** How many times it opened. */
  readonly opened: number;
  /** For how long it was not closed, in ms. */
  readonly openMs: number;
}

interface Entry {
  opened: number;
  openMs: number;
  /** Undefined: it is closed. */
  openSinceMs: number | undefined;
  state: State;
}

/** Only breakers that something happened to cost memory here. */
export class BreakerHistories {
  readonly #entries = new Map<string, Entry>();
  readonly #undo: readonly (() => void)[];

  /** @param onEvent called for every event of every breaker, as it happens. */
  constructor(registry: CircuitBreakerRegistry, onEvent: (event: CircuitBreakerEvent) => void) {
    const listen = (event: CircuitBreakerEvent): void => {
      this.record(event);
      onEvent(event);
    };
    this.#undo = EVENT_KINDS.map((kind) => registry.on(kind, listen));
  }

  /** Breakers that are open or half-open now. */
  get openCount(): number {
    return [...this.#entries.values()].filter((entry) => entry.openSinceMs !== undefined).length;
  }

  /** Breakers that are open or half-open now, and for how long at a stretch, in ms; the longest is the first. */
  open(nowMs: number): readonly Pick<BreakerHistory, "endpoint" | "openMs">[] {
    return Array.from(this.#entries)
      .flatMap(([endpoint, { openSinceMs }]) =>
        openSinceMs === undefined ? [] : [{ endpoint, openMs: nowMs - openSinceMs }],
      )
      .sort((a, b) => b.openMs - a.openMs);
  }

  /** Those that something happened to; the one that opened most often is the first. */
  histories(nowMs: number): readonly BreakerHistory[] {
    return Array.from(this.#entries, ([endpoint, { opened, openMs, openSinceMs, state }]) => ({
      endpoint,
      state,
      opened,
      openMs: openMs + (openSinceMs === undefined ? 0 : nowMs - openSinceMs),
    })).sort((a, b) => b.opened - a.opened);
  }

  record({ endpoint, kind, to, mode, atMs }: CircuitBreakerEvent): void {
    // A breaker in shadow mode only says what it would have done, a disabled one refuses nothing.
    const state = mode === "shadow" || mode === "disabled" ? "closed" : to;
    const entry = this.#entryOf(endpoint);
    entry.state = state;
    if (state === "closed") close(entry, atMs);
    else entry.openSinceMs ??= atMs;
    if (kind === "opened" && state === "open") entry.opened++;
  }

  /** Listens no more. */
  end(): void {
    for (const undo of this.#undo) undo();
  }

  #entryOf(endpoint: string): Entry {
    const known = this.#entries.get(endpoint);
    if (known !== undefined) return known;
    const entry: Entry = { opened: 0, openMs: 0, openSinceMs: undefined, state: "closed" };
    this.#entries.set(endpoint, entry);
    return entry;
  }
}

function close(entry: Entry, atMs: number): void {
  if (entry.openSinceMs !== undefined) entry.openMs += atMs - entry.openSinceMs;
  entry.openSinceMs = undefined;
}
