/** The latest events of a registry in words. */
import { type CircuitBreakerEvent, EVENT_KINDS } from "../breaker/events.ts";
import type { Mode } from "../breaker/options.ts";
import type { CircuitBreakerRegistry } from "../breaker/registry.ts";
import { durationText, errorText, reasonOf } from "../features/reason.ts";
import { HISTORY_SECONDS, type LogEntry } from "./protocol.ts";

/** Entries kept, of all breakers together, at least; twice as many at most: about 2 MB of texts. */
const MINIMUM_ENTRIES = 2_000;

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
    this.#entries.push({
      number: this.#next++,
      atMs: Math.round(this.#toWall(event.atMs)),
      endpoint,
      kind,
      text: this.#textOf(event),
      ...(lastError ? { error: errorText(lastError) } : {}),
    });
    // In halves: to drop one at each event would move all of them.
    if (this.#entries.length >= 2 * MINIMUM_ENTRIES) this.#entries.splice(0, MINIMUM_ENTRIES);
  }

  #textOf(event: CircuitBreakerEvent): string {
    const { kind, cause, delayMs, mode, level, endpoint } = event;
    if (cause === "mode") return MODE_TEXTS[mode];
    const reason = reasonOf(event, this.#registry.peek(endpoint)?.options.detector ?? []);
    if (kind !== "opened") return reason;
    const shadow = mode === "shadow" ? "would have opened: " : "";
    return `${shadow}${reason}; next probe in ${durationText(delayMs)}${level > 1 ? `, level ${level}` : ""}`;
  }
}

const MODE_TEXTS: Readonly<Record<Mode, string>> = {
  enabled: "enabled by a switch",
  disabled: "disabled by a switch: all calls pass uncounted",
  forced_open: "forced open by a switch: all calls are refused",
  shadow: "in shadow mode by a switch: no call is refused",
};
