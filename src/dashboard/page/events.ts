/** Lists of events, the newest first. */
import type { LogEntry } from "../protocol.ts";
import { element } from "./dom.ts";
import { timeText } from "./format.ts";

/** The kinds of events in words. */
export const KIND_TEXTS: Readonly<Record<string, string>> = {
  opened: "opened",
  half_opened: "half-open",
  closed: "closed",
  enabled: "enabled",
  disabled: "disabled",
  shadowed: "shadow",
  reset: "reset",
  throttled: "throttled",
  restored: "restored",
};

/** See the file. */
export class EventList {
  readonly #list: HTMLOListElement;
  readonly #maximum: number;
  readonly #isNamed: boolean;

  /** @param isNamed entries name their breaker. */
  constructor(list: HTMLOListElement, maximum: number, isNamed: boolean) {
    this.#list = list;
    this.#maximum = maximum;
    this.#isNamed = isNamed;
  }

  clear(): void {
    this.#list.replaceChildren();
  }

  /** @param entries the oldest first. */
  add(entries: readonly LogEntry[]): void {
    const newest = entries.slice(-this.#maximum).reverse();
    this.#list.prepend(...newest.map((entry) => this.#item(entry)));
    while (this.#list.children.length > this.#maximum) this.#list.lastElementChild!.remove();
  }

  #item({ atMs, endpoint, kind, text, error }: LogEntry): HTMLLIElement {
    const time = element("time", "", timeText(atMs));
    time.dateTime = new Date(atMs).toISOString();
    const head = element(
      "div",
      "event-head",
      element("span", `kind ${kind}`, KIND_TEXTS[kind] ?? kind),
      time,
    );
    if (this.#isNamed) {
      const link = element("a", "", endpoint);
      link.href = `#/${encodeURIComponent(endpoint)}`;
      link.title = endpoint;
      head.prepend(link);
    }
    const item = element("li", "", head, element("p", "", text));
    if (error !== undefined) item.append(element("p", "error", error));
    return item;
  }
}
