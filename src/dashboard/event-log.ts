/** The latest events of a registry in words. */
import { type CircuitBreakerEvent, EVENT_KINDS, type EventKind } from "../breaker/events.ts";
import type { CircuitBreakerRegistry } from "../breaker/registry.ts";
import { HISTORY_SECONDS, type LogEntry } from "./protocol.ts";
import { explain } from "./stand-in.ts";

/** Entries kept, of all breakers together, at least; twice as many at most: about 2 MB of texts. */
const MINIMUM_ENTRIES = 2_000;
/** Characters kept of the message of an error. */
const MAXIMUM_ERROR_LENGTH = 200;
const MAXIMUM_TEXT_LENGTH = 400;

/** Listens while it is started; keeps ten minutes, in bounded memory. */
export class EventLog {
  readonly #registry: CircuitBreakerRegistry;
  readonly #toWall: (atMs: number) => number;
  #entries: LogEntry[] = [];
  #next = 1;
  #undo: (() => void)[] = [];

  /** @param toWall from the time of the registry's clock to ms since 1970. */
  constructor(registry: CircuitBreakerRegistry, toWall: (atMs: number) => number) {
    this.#registry = registry;
    this.#toWall = toWall;
  }

  /** The number that the next entry gets. */
  get next(): number {
    return this.#next;
  }

  start(): void {
    if (this.#undo.length > 0) return;
    this.#undo = EVENT_KINDS.map((kind) => this.#registry.on(kind, (event) => this.#add(event)));
  }

  stop(): void {
    for (const off of this.#undo.splice(0)) off();
  }

  clear(): void {
    this.#entries = [];
  }

  /** Entries from that number on, the oldest first. */
  since(number: number): readonly LogEntry[] {
    const first = this.#next - this.#entries.length;
    return number <= first ? this.#entries : this.#entries.slice(number - first);
  }

  /** Forgets what is older than ten minutes. */
  expire(nowMs: number): void {
    const oldest = nowMs - HISTORY_SECONDS * 1_000;
    const kept = this.#entries.findIndex(({ atMs }) => atMs >= oldest);
    if (kept !== 0) this.#entries = kept < 0 ? [] : this.#entries.slice(kept);
  }

  #add(event: CircuitBreakerEvent): void {
    const { endpoint, kind, lastError } = event;
    const error = lastError && `${lastError.code ?? lastError.name}: ${lastError.message}`;
    this.#entries.push({
      number: this.#next++,
      atMs: Math.round(this.#toWall(event.atMs)),
      endpoint,
      kind,
      text: this.#textOf(event).slice(0, MAXIMUM_TEXT_LENGTH),
      ...(error ? { error: error.slice(0, MAXIMUM_ERROR_LENGTH) } : {}),
    });
    // In halves: to drop one at each event would move all of them.
    if (this.#entries.length >= 2 * MINIMUM_ENTRIES) this.#entries.splice(0, MINIMUM_ENTRIES);
  }

  #textOf({ kind, endpoint, cause, mode }: CircuitBreakerEvent): string {
    const breaker = kind === "opened" ? this.#registry.peek(endpoint) : undefined;
    if (breaker) return explain(breaker);
    if (cause !== "mode") return TEXTS[cause] ?? cause.replaceAll("_", " ");
    return mode === "forced_open" ? "forced open by a switch" : SWITCHED[kind];
  }
}

const TEXTS: Readonly<Partial<Record<CircuitBreakerEvent["cause"], string>>> = {
  delay_ended: "the delay has ended: a probe may pass",
  probes_succeeded: "the probe succeeded",
  ramp_ended: "the ramp has ended: all calls pass",
  probe_failed: "the probe failed",
  probe_timed_out: "the probe was not reported in time",
  tripped: "tripped by a switch",
  reset: "reset: the window is empty",
};

const SWITCHED: Readonly<Record<EventKind, string>> = {
  opened: "opened by a switch",
  closed: "closed by a switch",
  half_opened: "half-open by a switch",
  enabled: "enabled by a switch",
  disabled: "disabled by a switch: all calls pass uncounted",
  shadowed: "in shadow mode: refuses no call",
  reset: "reset: the window is empty",
};
