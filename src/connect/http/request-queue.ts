/** Where the events of requests wait until the flow takes them. */

import type { Insight } from "../../flow/protocol/insight.ts";
import type { SourceItem } from "../../flow/protocol/source-and-sink.ts";

/** What became of the items of one request. */
export interface Verdict {
  /** `taken`: all are in the flow. `busy`: the flow did not take them in time. `stopped`: the flow ends. */
  readonly kind: "taken" | "busy" | "stopped";
  /** Items that are in the flow, from the first on. */
  readonly given: number;
}

/** Items handed over in one pull, and not much more. */
const PULLED_ITEMS = 1_024;

/** What one request brought. */
interface Parcel {
  readonly items: readonly SourceItem[];
  readonly decide: (verdict: Verdict) => void;
  readonly timer: NodeJS.Timeout;
  given: number;
  decided: boolean;
}

/**
 * A parcel is in the flow when the flow has come to its last item, not when it was handed over: a flow that is told to
 * wait in the middle of a pull may wait for long, and nobody should wait with it who was not let in.
 */
export class RequestQueue {
  readonly #patienceMs: number;
  /** Not decided yet, in their order. */
  readonly #parcels = new Set<Parcel>();
  /** Whoever sent a trigger that reached the sources, and no restore since. */
  readonly #stoppers = new Set<number>();
  #closed = false;
  #wake: () => void = () => {};

  /** @param patienceMs how long the flow may take to take a parcel. */
  constructor(patienceMs: number) {
    this.#patienceMs = patienceMs;
  }

  /** Nothing new can be taken now: a breaker or a broken sink says stop, or the flow ends. */
  get refuses(): boolean {
    return this.#closed || this.#stoppers.size > 0;
  }

  /**
   * @param items at least one.
   * @param gone aborted when nobody waits for the verdict any more: what has not begun to enter stays out.
   */
  hand(items: readonly SourceItem[], gone: AbortSignal): Promise<Verdict> {
    return new Promise((decide) => {
      const timer = setTimeout(() => this.#decide(parcel, "busy"), this.#patienceMs);
      const parcel: Parcel = { items, decide, timer, given: 0, decided: false };
      this.#parcels.add(parcel);
      if (this.refuses) this.#decide(parcel, this.#closed ? "stopped" : "busy");
      gone.addEventListener("abort", () => {
        if (parcel.given === 0) this.#decide(parcel, "busy");
      });
      this.#wake();
    });
  }

  /** The items of the parcels that wait; each enters the flow when it is iterated over, unless its parcel is decided. */
  async pull(): Promise<readonly SourceItem[] | undefined> {
    while (this.#parcels.size === 0 && !this.#closed) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
    return this.#closed ? undefined : this.#next();
  }

  /** What comes against the flow. */
  hear({ kind, from }: Pick<Insight, "kind" | "from">): void {
    if (kind === "restore") this.#stoppers.delete(from);
    if (kind !== "trigger") return;
    this.#stoppers.add(from);
    // What has begun to enter may still get in: the flow goes on with it when it can, within the patience.
    for (const parcel of this.#parcels) if (parcel.given === 0) this.#decide(parcel, "busy");
  }

  close(): void {
    this.#closed = true;
    for (const parcel of this.#parcels) this.#decide(parcel, "stopped");
    this.#wake();
  }

  #next(): readonly SourceItem[] {
    const parcels: Parcel[] = [];
    const items: SourceItem[] = [];
    for (const parcel of this.#parcels) {
      parcels.push(parcel);
      for (const item of parcel.items) items.push(item);
      if (items.length >= PULLED_ITEMS) break;
    }
    return Object.assign(items, { [Symbol.iterator]: () => this.#give(parcels) });
  }

  *#give(parcels: readonly Parcel[]): ArrayIterator<SourceItem> {
    for (const parcel of parcels) {
      for (const item of parcel.items) {
        if (parcel.decided) break;
        parcel.given++;
        // Answered in a later microtask: by then the flow has pushed the item that it is about to get.
        if (parcel.given === parcel.items.length) this.#decide(parcel, "taken");
        yield item;
      }
    }
  }

  #decide(parcel: Parcel, kind: Verdict["kind"]): void {
    if (parcel.decided) return;
    clearTimeout(parcel.timer);
    this.#parcels.delete(parcel);
    parcel.decided = true;
    parcel.decide({ kind, given: parcel.given });
  }
}
